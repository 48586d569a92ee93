package blake3_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"clickstream/bootstrap/jars/blake3"
)

// kinds are the two ways that there are: the one that this machine takes, and the one of machines without AVX-512.
func kinds() map[string]*blake3.Digest {
	return map[string]*blake3.Digest{"this machine's": blake3.New(), "any machine's": blake3.New().Plain()}
}

// counting is the input of BLAKE3's own test vectors.
func counting(n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(i % 251)
	}
	return text
}

// TestDigest compares with what other implementations say; up to 102400 bytes these are the lengths of BLAKE3's own test vectors.
func TestDigest(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0:       "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
		1:       "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
		63:      "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
		64:      "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
		65:      "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
		1023:    "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
		1024:    "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
		1025:    "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
		2048:    "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
		2049:    "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
		3072:    "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2",
		3073:    "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
		16384:   "f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4",
		31744:   "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
		102400:  "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
		131071:  "de433db299ce5940eb72f08f509f90fa93e8b8c38e26c927310b4f8b98e2f33c",
		131072:  "306baba93b1a393cbd35172837c98b0f59a41f64e1b2682ae102d8b2534b9e1c",
		131073:  "f837d4254d24ba3d50fe3743d46e4af6db5f5d6ab0469197d94e7ba1e906c4d8",
		262144:  "d57dc906e20d3fd326ffaa85535500486f46a0979f5a323f028dcabfd381fd4a",
		262145:  "531c319935cf78f34869faebd865e5748266b1799039103bfb851a680d9ed30c",
		400000:  "6e5b7b875c97872da29e27c09ac8f4a3c2eca94e95f6eae2d2e87caf1cf22b2e",
		1050625: "2717dd4565ee79988220c57c1ea1a1ce4a6451421004ba2ab0853a9200ad39b2",
		655361:  "349f6ebf5d2e1ff52dfaaa47914a38f165130e99ef0a3bc63efc2fd488b05569",
	} {
		text := counting(n)
		for name, digest := range kinds() {
			for way, r := range map[string]io.Reader{"at once": bytes.NewReader(text), "by halves": iotest.HalfReader(bytes.NewReader(text)), "data with the end": iotest.DataErrReader(bytes.NewReader(text))} {
				digest.Reset()
				read, err := digest.ReadFrom(r)
				if got := digest.Sum(); hex.EncodeToString(got[:]) != want || read != int64(n) || err != nil {
					t.Errorf("%s of %d bytes, %s: %x of %d, %v", name, n, way, got, read, err)
				}
			}
			digest.Reset()
			_, _ = digest.Write(text[:n/3])
			_ = digest.Sum() // changes nothing
			_, _ = digest.Write(text[n/3:])
			if got := digest.Sum(); hex.EncodeToString(got[:]) != want {
				t.Errorf("%s of %d bytes, written: %x", name, n, got)
			}
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	digest := blake3.New()
	if _, err := blake3.Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := blake3.Open(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), filepath.Dir(path)) {
		t.Errorf("a folder: %v", err)
	}
	for _, n := range []int{300_000, 0, 1 << 17} {
		if err := os.WriteFile(path, counting(n), 0o600); err != nil {
			t.Fatal(err)
		}
		want := blake3.New()
		_, _ = want.Write(counting(n))
		file, err := blake3.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if size, got, err := digest.File(file); size != int64(n) || size != file.Size() || got != want.Hex() || err != nil {
			t.Errorf("%d bytes: %s of %d, %v", n, got, size, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	if n, err := blake3.New().ReadFrom(io.MultiReader(bytes.NewReader(counting(70_000)), iotest.ErrReader(failure))); n != 70_000 || !errors.Is(err, failure) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// FuzzDigest compares the two ways at all lengths. A jar has the same digest on every machine.
func FuzzDigest(f *testing.F) {
	for _, n := range []int{0, 1024, 1025, 16 << 10, 17<<10 + 1, 128 << 10, 128<<10 + 1, 300_000, 1<<20 + 31<<10} {
		f.Add([]byte("some text"), n)
	}
	f.Fuzz(func(t *testing.T, some []byte, n int) {
		if n %= 2 << 20; n < 0 || len(some) == 0 {
			return
		}
		text := bytes.Repeat(some, n/len(some)+1)[:n]
		sums := map[[blake3.Size]byte]bool{}
		for _, digest := range kinds() {
			_, _ = digest.Write(text)
			sums[digest.Sum()] = true
		}
		if len(sums) != 1 {
			t.Errorf("two digests of %d bytes", n)
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	text := counting(1 << 20)
	for name, digest := range kinds() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				digest.Reset()
				_, _ = digest.Write(text)
				digest.Sum()
			}
		})
	}
}

// BenchmarkFile is what a start does with each jar.
func BenchmarkFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "file")
	if err := os.WriteFile(path, counting(2_500_000), 0o600); err != nil {
		b.Fatal(err)
	}
	digest := blake3.New()
	b.SetBytes(2_500_000)
	for b.Loop() {
		file, err := blake3.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := digest.File(file); err != nil {
			b.Fatal(err)
		}
		_ = file.Close() // read only
	}
}
