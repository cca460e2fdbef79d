package imaging

// Decode turns an encoded picture into RGB under policy: the first frame where
// there are several. A picture over limits is refused by its header. It returns
// InvalidInput for what is no picture, truncated or corrupt, Unsupported for a
// kind that is not read here, LimitExceeded for one over the cap.
func Decode(data []byte, policy Policy, limits Limits) (*RGB, error) {
	rgb, err := decodeUpright(data, policy, limits)
	if err != nil || policy != Reference {
		return rgb, err
	}
	_, rgb, err = ReferenceSquash(rgb)
	return rgb, err
}

// decodeUpright is Decode without the reference's squash.
func decodeUpright(data []byte, policy Policy, limits Limits) (*RGB, error) {
	config, err := Probe(data, limits)
	if err != nil {
		return nil, err
	}
	var pixels *raster
	switch config.Format {
	case "png":
		pixels, err = decodePNG(data)
	case "jpeg":
		pixels, err = decodeJPEG(data)
	case "webp":
		pixels, err = decodeWebP(data)
	case "gif":
		pixels, err = decodeGIF(data)
	case "bmp":
		pixels, err = decodeBMP(data)
	case "tiff":
		pixels, err = decodeTIFF(data)
	}
	if err != nil {
		return nil, err
	}
	rgb := pixels.toRGB(policy)
	// Pillow's TIFF loader turns the picture itself, so the reference saw it upright too.
	if policy == Faithful || config.Format == "tiff" {
		rgb = orient(rgb, pixels.orientation)
	}
	return rgb, nil
}
