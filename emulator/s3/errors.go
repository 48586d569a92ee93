package s3

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// apiError is an S3 error document: the only error that handlers make.
// Codes and messages: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
type apiError struct {
	status  int
	code    string
	message string
	fields  []field // further members of the document
	header  []field // headers of the response, for HEAD too
}

// field is a name and a value: a member of a document, a header, a tag.
type field struct{ name, value string }

func newError(status int, code, message string) *apiError {
	return &apiError{status: status, code: code, message: message}
}

// Error gives code and message.
func (e *apiError) Error() string { return e.code + ": " + e.message }

// with gives a copy that carries one more member.
func (e *apiError) with(name, value string) *apiError {
	c := *e
	c.fields = append(slices.Clip(e.fields), field{name, value})
	return &c
}

// withHeader gives a copy whose response carries one more header.
func (e *apiError) withHeader(name, value string) *apiError {
	c := *e
	c.header = append(slices.Clip(e.header), field{name, value})
	return &c
}

// because gives a copy that says something more exact.
func (e *apiError) because(format string, args ...any) *apiError {
	c := *e
	c.message = fmt.Sprintf(format, args...)
	return &c
}

// argument is InvalidArgument with the members that name the culprit.
func argument(name, value, format string, args ...any) *apiError {
	return errInvalidArgument.because(format, args...).with("ArgumentName", name).with("ArgumentValue", value)
}

// asAPIError turns whatever a handler returned into a document.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	return errInternal.because("%v", err)
}

var (
	errAccessDenied            = newError(http.StatusForbidden, "AccessDenied", "Access Denied")
	errAuthQuery               = newError(http.StatusBadRequest, "AuthorizationQueryParametersError", "The authorization parameters of the query are wrong.")
	errBadDigest               = newError(http.StatusBadRequest, "BadDigest", "The Content-MD5 or checksum value that you specified did not match what the server received.")
	errBadRequest              = newError(http.StatusBadRequest, "BadRequest", "Bad Request")
	errBucketExists            = newError(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Select a different name and try again.")
	errBucketOwned             = newError(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	errBucketNotEmpty          = newError(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	errEntityTooLarge          = newError(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	errEntityTooSmall          = newError(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
	errIllegalLocation         = newError(http.StatusBadRequest, "IllegalLocationConstraintException", "The specified location constraint is incompatible for the region specific endpoint this request was sent to.")
	errIncompleteBody          = newError(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	errInternal                = newError(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
	errInvalidArgument         = newError(http.StatusBadRequest, "InvalidArgument", "Invalid Argument")
	errInvalidBucketName       = newError(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	errInvalidDigest           = newError(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
	errInvalidLocation         = newError(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid")
	errInvalidPart             = newError(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
	errInvalidPartNumber       = newError(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable")
	errInvalidPartOrder        = newError(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
	errInvalidRange            = newError(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
	errInvalidRequest          = newError(http.StatusBadRequest, "InvalidRequest", "Invalid Request")
	errInvalidTag              = newError(http.StatusBadRequest, "InvalidTag", "The tag provided was not a valid tag.")
	errInvalidURI              = newError(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	errKeyTooLong              = newError(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	errMalformedPolicy         = newError(http.StatusBadRequest, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
	errMalformedTrailer        = newError(http.StatusBadRequest, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
	errMalformedXML            = newError(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	errMessageTooLong          = newError(http.StatusBadRequest, "MaxMessageLengthExceeded", "Your request was too big.")
	errMetadataTooLarge        = newError(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
	errMethodNotAllowed        = newError(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	errMissingLength           = newError(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	errNoSuchBucket            = newError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	errNoSuchKey               = newError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	errNoSuchUpload            = newError(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
	errNoSuchVersion           = newError(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
	errNotImplemented          = newError(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
	errNotModified             = newError(http.StatusNotModified, "NotModified", "Not Modified")
	errPreconditionFailed      = newError(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	errContentSHA256Mismatch   = newError(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	errTooManyBuckets          = newError(http.StatusBadRequest, "TooManyBuckets", "You have attempted to create more buckets than allowed")
	errNoSuchLifecycle         = newError(http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	errNoSuchTagSet            = newError(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist")
	errNoSuchPublicAccessBlock = newError(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	errNoSuchPolicy            = newError(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist")
	errNoSuchOwnership         = newError(http.StatusNotFound, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	errNoSuchEncryption        = newError(http.StatusNotFound, "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found")
)
