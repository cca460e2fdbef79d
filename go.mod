module github.com/innerspace/innerspace

go 1.26.0

require (
	github.com/apache/arrow/go/v17 v17.0.0
	github.com/stretchr/testify v1.12.1
	github.com/yalue/onnxruntime_go v1.27.0
)

require (
	golang.org/x/image v0.47.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
