package tokenize

import (
	"strings"
	"testing"
)

var benchmarkTexts = []string{
	"a photo of a cat", "red circle", "black frame around a red circle", "The quick brown fox jumps over the lazy dog.",
	"two dogs playing in the snow near a wooden cabin", "A close-up of sushi on a plate, served with wasabi", "café au lait, naïvely",
	"vintage car's dashboard 1967", "people walking down a busy street at night", "минималистичный постер",
}

func BenchmarkEncode(b *testing.B) {
	for name, path := range map[string]string{"clip": clipFile, "bert": bertFile, "unigram": siglipFile, "character pairs": siglip2File} {
		tokenizer := loadFile(b, path, 77)
		b.Run(name+"/short texts", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				tokenizer.Encode(benchmarkTexts[i%len(benchmarkTexts)])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
		b.Run(name+"/short texts, no cache", func(b *testing.B) {
			uncached := *tokenizer
			for i := 0; b.Loop(); i++ {
				if i%len(benchmarkTexts) == 0 {
					b.StopTimer()
					uncached.cache = newWordCache()
					b.StartTimer()
				}
				uncached.Encode(benchmarkTexts[i%len(benchmarkTexts)])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
		long := strings.Repeat("abcdefghij", 100_000)
		b.Run(name+"/one word of 1 MB", func(b *testing.B) {
			b.SetBytes(int64(len(long)))
			for b.Loop() {
				tokenizer.Encode(long)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for name, path := range map[string]string{"clip": clipFile, "bert": bertFile, "unigram": siglipFile, "character pairs": siglip2File} {
		file := readRepositoryFile(b, path)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Load(file, 77); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
