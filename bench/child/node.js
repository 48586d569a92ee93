// Loaded before a consumer written for aws-kcl (node -r): points S3 at AWS_ENDPOINT_URL by path, as the AWS SDK 2 cannot be told from
// outside, and gives a consumer that lies elsewhere the packages of NODE_PATH.
'use strict';
require('aws-sdk').config.update({s3: {endpoint: process.env.AWS_ENDPOINT_URL, s3ForcePathStyle: true}});
const Module = require('module');
const resolve = Module._resolveFilename;
Module._resolveFilename = function(name, ...rest) {
  return resolve.call(this, name === '../../..' ? 'aws-kcl' : name, ...rest);
};
