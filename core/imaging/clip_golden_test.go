package imaging

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clipPreprocessing is testdata/models/tiny-clip/preprocessor_config.json.
var clipPreprocessing = Preprocessing{
	Resize: ShortestSide, Size: 224, Filter: Bicubic, Width: 224, Height: 224, Rescale: 1.0 / 255,
	Mean: [3]float64{0.48145466, 0.4578275, 0.40821073}, Std: [3]float64{0.26862954, 0.26130258, 0.27577711},
}

// clipGoldens is what Hugging Face's processor made of testdata/images, alpha
// dropped and EXIF ignored, with and without the reference's squash.
type clipGoldens struct{ Images []clipGolden }

type clipGolden struct {
	File     string
	Size     [2]int
	RGB      string `json:"rgb_sha256"`
	Pixels   string `json:"pixel_sha256_f32le"`
	Bytes    string `json:"u8_sha256_chw"`
	Squashed struct {
		Resized string `json:"resized_rgb_sha256_before_webp"`
		Decoded string `json:"webp_decoded_rgb_sha256"`
		Length  int    `json:"webp_bytes"`
	}
}

func loadClipGoldens(t *testing.T) clipGoldens {
	t.Helper()
	data, err := os.ReadFile("../../testdata/goldens/tiny_clip.json")
	require.NoError(t, err)
	var goldens clipGoldens
	require.NoError(t, json.Unmarshal(data, &goldens))
	require.Len(t, goldens.Images, 17)
	// The reference's processor refuses 1x1; that picture has pixels only.
	goldens.Images = slices.DeleteFunc(goldens.Images, func(golden clipGolden) bool { return golden.Pixels == "" })
	require.Len(t, goldens.Images, 16)
	return goldens
}

func readImage(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/images", name))
	require.NoError(t, err)
	return data
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func float32Bytes(values []float32) []byte {
	out := make([]byte, 0, 4*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

func planes(pix []byte) []byte {
	n := len(pix) / 3
	out := make([]byte, len(pix))
	for i := range n {
		out[i], out[n+i], out[2*n+i] = pix[3*i], pix[3*i+1], pix[3*i+2]
	}
	return out
}

func TestClipProcessor(t *testing.T) {
	for _, golden := range loadClipGoldens(t).Images {
		t.Run(golden.File, func(t *testing.T) {
			rgb, err := decodeUpright(readImage(t, golden.File), Reference, Limits{})
			require.NoError(t, err)
			require.Equal(t, golden.Size, [2]int{rgb.Width, rgb.Height})
			require.Equal(t, golden.RGB, sha256Hex(rgb.Pix), "pixels of convert(RGB)")

			pixels := make([]byte, 3*224*224)
			require.NoError(t, clipPreprocessing.pixels(rgb, pixels))
			assert.Equal(t, golden.Bytes, sha256Hex(planes(pixels)), "resized and cropped pixels")

			tensor := make([]float32, clipPreprocessing.TensorLen())
			require.NoError(t, clipPreprocessing.Apply(rgb, tensor))
			assert.Equal(t, golden.Pixels, sha256Hex(float32Bytes(tensor)), "tensor")
		})
	}
}

func TestReferenceSquash(t *testing.T) {
	for _, golden := range loadClipGoldens(t).Images {
		t.Run(golden.File, func(t *testing.T) {
			rgb, err := decodeUpright(readImage(t, golden.File), Reference, Limits{})
			require.NoError(t, err)
			if rgb.Width > 224 || rgb.Height > 224 {
				resized, err := ResizeTo(rgb, 224, 224, Bicubic)
				require.NoError(t, err)
				assert.Equal(t, golden.Squashed.Resized, sha256Hex(resized.Pix), "pixels before WebP")
			}
			webp, squashed, err := ReferenceSquash(rgb)
			require.NoError(t, err)
			assert.Equal(t, golden.Squashed.Length, len(webp))
			assert.Equal(t, golden.Squashed.Decoded, sha256Hex(squashed.Pix), "pixels after WebP")
		})
	}
}

// The reference stored its WebP files, so there are hashes of their bytes. libwebp
// 1.2.4 makes the same bytes as the version in Pillow 11.3.0 did; if a later
// encoder does not, the decoded pixels above are what counts.
func TestReferenceSquashMakesTheReferencesFiles(t *testing.T) {
	data, err := os.ReadFile("../../testdata/goldens/tiny_clip_image_space.json")
	require.NoError(t, err)
	var golden struct {
		Tiny struct {
			FP16 struct {
				Reference struct {
					Queries []struct {
						Rows []struct {
							ID     string
							Fields struct {
								Image struct {
									SHA256 string `json:"bytes_sha256"`
								}
							}
						}
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &golden))
	rows := golden.Tiny.FP16.Reference.Queries[0].Rows
	require.Len(t, rows, 5)
	for _, row := range rows {
		rgb, err := decodeUpright(readImage(t, row.ID+".png"), Reference, Limits{})
		require.NoError(t, err)
		webp, _, err := ReferenceSquash(rgb)
		require.NoError(t, err)
		assert.Equal(t, row.Fields.Image.SHA256, sha256Hex(webp), row.ID)
	}
}
