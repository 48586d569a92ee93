package blake3

// Plain has the digest do without what this machine's processor has.
func (d *Digest) Plain() *Digest {
	d.plain = true
	return d
}
