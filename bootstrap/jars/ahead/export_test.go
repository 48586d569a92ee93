package ahead

// Finish waits until everything is digested that there is.
func (w *Work) Finish() { w.running.Wait() }
