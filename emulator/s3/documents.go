package s3

// Sub-resources of a bucket that are kept as documents.
const (
	docEncryption   = "encryption"
	docLifecycle    = "lifecycle"
	docOwnership    = "ownershipControls"
	docPolicy       = "policy"
	docPublicAccess = "publicAccessBlock"
	docTagging      = "tagging"
)

// defaultDocuments is what a new bucket has since 2023: encryption at rest,
// no ACLs, no public access.
func defaultDocuments() map[string][]byte {
	return map[string][]byte{
		docEncryption:   defaultEncryption(),
		docOwnership:    xmlDocument(`<OwnershipControls xmlns="` + xmlNamespace + `"><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`),
		docPublicAccess: xmlDocument(`<PublicAccessBlockConfiguration xmlns="` + xmlNamespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`),
	}
}

// defaultEncryption is the encryption that no bucket can be without.
func defaultEncryption() []byte {
	return xmlDocument(`<ServerSideEncryptionConfiguration xmlns="` + xmlNamespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`)
}

func xmlDocument(text string) []byte { return []byte(xmlHeader + text) }

// getDocument answers with a document, or with the error of its absence.
func (rq *request) getDocument(name string, absent *apiError) (*reply, error) {
	text := rq.at.document(name)
	if text == nil {
		return nil, absent.with("BucketName", rq.bucket)
	}
	r := newReply(200).set("Content-Type", "application/xml")
	r.body = text
	return r, nil
}

// putDocument keeps a document.
func (rq *request) putDocument(name string, text []byte, status int) (*reply, error) {
	if err := rq.at.setDocument(name, text); err != nil {
		return nil, err
	}
	return newReply(status), nil
}

// deleteDocument removes a document; one that is not there is no error.
func (rq *request) deleteDocument(name string) (*reply, error) {
	return rq.putDocument(name, nil, 204)
}
