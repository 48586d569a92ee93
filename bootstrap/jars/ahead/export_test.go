package ahead

// Finish waits until everything is digested that there is.
func (w *Work) Finish() {
	w.crew.everywhere(func() {})
	w.crew.running.Wait()
}

// Any is so many cores, whichever they are.
func Any(n int) func() []int {
	return func() []int {
		all := make([]int, n)
		for i := range all {
			all[i] = anyCore
		}
		return all
	}
}
