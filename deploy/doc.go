// Package deploy holds what runs clickstream elsewhere than on a developer's machine: a CloudFormation template, systemd units and
// container images. Its tests keep them equal to the program: policies, settings, units. docs/deploy.md says how to use them.
package deploy
