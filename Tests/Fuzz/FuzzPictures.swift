/// libFuzzer's entry for what is read of picture files beside FFmpeg: how they are turned. The first byte chooses the reader.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzPictures(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  guard let data, size > 0 else { return 0 }
  let file = ByteView(UnsafeRawBufferPointer(start: data + 1, count: size - 1))
  let found: Orientation? =
    switch data[0] % 5 {
    case 0: Orientation(png: file)
    case 1: Orientation(webp: file)
    case 2: Orientation(tiff: file)
    case 3: Orientation(xmp: file)
    default: HEIFOrientation.of(file)
    }
  if let found { precondition(found.then(.upright) == found) }
  return 0
}
