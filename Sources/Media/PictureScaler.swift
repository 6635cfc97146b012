import CFFmpeg
import Frames
import Telemetry

/// Where in a target a scaled picture goes, in pixels.
package struct Placement: Hashable, Sendable {
  package var x: Int, y: Int, width: Int, height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// The largest centred place in `target` that keeps the shape of `source` as it is seen (pixels may not be square),
  /// on whole chroma samples of the target.
  package static func letterbox(_ source: FrameFormat, in target: FrameFormat) -> Placement {
    func pixelAspect(_ format: FrameFormat) -> Double {
      format.sampleAspectRatio.value > 0 ? format.sampleAspectRatio.value : 1
    }
    let aspect = Double(source.width) / Double(source.height) * pixelAspect(source) / pixelAspect(target)
    let (alignX, alignY) = (1 << target.pixelFormat.log2ChromaWidth, 1 << target.pixelFormat.log2ChromaHeight)
    var (width, height) = (target.width, target.height)
    if aspect * Double(height) < Double(width) {
      width = min(width, max(alignX, Int((aspect * Double(height)).rounded()) / alignX * alignX))
    } else {
      height = min(height, max(alignY, Int((Double(width) / aspect).rounded()) / alignY * alignY))
    }
    let x = (target.width - width) / 2 / alignX * alignX
    let y = (target.height - height) / 2 / alignY * alignY
    return Placement(x: x, y: y, width: width, height: height)
  }
}

/// Converts pictures to another size or pixel format with libswscale (bicubic, accurate rounding), into all of the
/// target or a place in it with black around.
package final class PictureScaler {
  private let context: OpaquePointer
  private let sourceHeight: Int32
  private let target: FrameFormat
  private let targetFormat: AVPixelFormat
  private let place: Placement
  // libswscale writes whole vectors, past the end of a row. A picture that fills only a part of the
  // target is made here first, and copied.
  private let scratch: PictureBuffer?
  // The four plane addresses and strides that the picture is scaled into.
  private let bases = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>.allocate(capacity: 4)
  private let strides = UnsafeMutablePointer<Int32>.allocate(capacity: 4)

  /// From pictures of `source`'s size and colours in FFmpeg's format `sourceFormat` (which `PixelFormat` may not be
  /// able to describe) to pictures of format `target`, filling `placement` or else all of it.
  package init(
    from source: FrameFormat, as sourceFormat: AVPixelFormat, to target: FrameFormat, placement: Placement? = nil
  ) throws {
    self.target = target
    targetFormat = target.pixelFormat.ffmpeg
    sourceHeight = Int32(clamping: source.height)
    let place = placement ?? Placement(x: 0, y: 0, width: target.width, height: target.height)
    self.place = place
    if place.width == target.width, place.height == target.height {
      scratch = nil
    } else {
      scratch = PictureBuffer(
        FrameFormat(pixelFormat: target.pixelFormat, width: place.width, height: place.height))
    }
    bases.initialize(repeating: nil, count: 4)
    strides.initialize(repeating: 0, count: 4)
    let made = Self.context(
      from: source, sourceFormat, width: place.width, height: place.height, to: target, targetFormat)
    guard let made else {
      bases.deallocate()
      strides.deallocate()
      let name = av_get_pix_fmt_name(sourceFormat).map { String(cString: $0) } ?? "unknown"
      throw UserError(
        "cannot convert pictures of \(source.width)x\(source.height) \(name) to \(target.width)x\(target.height) "
          + "\(target.pixelFormat.name): FFmpeg has no conversion between them; choose another --pix-fmt")
    }
    context = made
    setColors(from: source.color, sourceFormat, to: target.color)
  }

  /// A context that knows both ranges from the start: later ones do not turn a plain copy into a conversion.
  private static func context(
    from source: FrameFormat, _ sourceFormat: AVPixelFormat, width: Int, height: Int, to target: FrameFormat,
    _ targetFormat: AVPixelFormat
  ) -> OpaquePointer? {
    guard let context = sws_alloc_context() else { return nil }
    let sourceIsFull = source.color.range == .full || sourceFormat.impliesFullRange
    let isRGB = { (format: AVPixelFormat) in
      (av_pix_fmt_desc_get(format)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
    }
    let options: [(String, Int)] = [
      ("srcw", source.width), ("srch", source.height), ("src_format", Int(sourceFormat.rawValue)), ("dstw", width),
      ("dsth", height), ("dst_format", Int(targetFormat.rawValue)), ("sws_flags", Int(flags)),
      ("src_range", sourceIsFull && !isRGB(sourceFormat) ? 1 : 0),
      ("dst_range", target.color.range == .full && !isRGB(targetFormat) ? 1 : 0),
    ]
    let isSet = options.allSatisfy { av_opt_set_int(UnsafeMutableRawPointer(context), $0.0, Int64($0.1), 0) >= 0 }
    guard isSet, sws_init_context(context, nil, nil) >= 0 else {
      sws_freeContext(context)
      return nil
    }
    return context
  }

  private static let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP

  deinit {
    sws_freeContext(context)
    bases.deallocate()
    strides.deallocate()
  }

  /// Scales the picture of `source` into the memory of `result`, which has the target's format.
  package func scale(_ source: UnsafePointer<AVFrame>, into result: Planes) throws {
    aim(at: scratch?.planes ?? result)
    let code = withUnsafePointer(to: source.pointee.data) { data in
      withUnsafePointer(to: source.pointee.linesize) { linesize in
        data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { data in
          linesize.withMemoryRebound(to: Int32.self, capacity: 8) { linesize in
            sws_scale(context, data, linesize, 0, sourceHeight, bases, strides)
          }
        }
      }
    }
    try ffmpeg(code, "cannot convert a picture to \(target.width)x\(target.height) \(target.pixelFormat.name)")
    guard let scratch else { return }
    try blacken(result)
    for plane in 0..<target.pixelFormat.planeCount { copy(scratch.planes[plane], plane, into: result[plane]) }
  }

  private func aim(at memory: Planes) {
    for plane in 0..<4 {
      bases[plane] = memory[plane].base?.assumingMemoryBound(to: UInt8.self)
      strides[plane] = Int32(clamping: memory[plane].stride)
    }
  }

  /// Copies a plane of the scaled picture to its place.
  private func copy(
    _ source: (base: UnsafeMutableRawPointer?, stride: Int), _ plane: Int,
    into memory: (base: UnsafeMutableRawPointer?, stride: Int)
  ) {
    let format = target.pixelFormat
    guard let from = source.base, let to = memory.base,
      let c = format.components.firstIndex(where: { $0.plane == plane })
    else { return }
    let (dx, dy) = format.isChroma(c) ? (format.log2ChromaWidth, format.log2ChromaHeight) : (0, 0)
    let offset = (place.y >> dy) * memory.stride + (place.x >> dx) * format.components[c].step
    let bytes = format.rowBytes(ofPlane: plane, width: place.width)
    for row in 0..<format.rows(ofPlane: plane, height: place.height) {
      (to + offset + row * memory.stride).copyMemory(from: from + row * source.stride, byteCount: bytes)
    }
  }

  private func blacken(_ result: Planes) throws {
    var linesizes = (result[0].stride, result[1].stride, result[2].stride, result[3].stride)
    for plane in 0..<4 { bases[plane] = result[plane].base?.assumingMemoryBound(to: UInt8.self) }
    let code = withUnsafePointer(to: &linesizes) { tuple in
      tuple.withMemoryRebound(to: Int.self, capacity: 4) { linesizes in
        av_image_fill_black(
          bases, linesizes, targetFormat, target.color.range.ffmpeg, Int32(clamping: target.width),
          Int32(clamping: target.height))
      }
    }
    try ffmpeg(code, "cannot blacken a picture of \(target.pixelFormat.name)")
  }

  /// Matrix and range of both sides. Where libswscale cannot use them (same-family copies) it says so and they do not
  /// matter, so the return code is not an error.
  private func setColors(from source: ColorDescription, _ sourceFormat: AVPixelFormat, to target: ColorDescription) {
    let sourceIsFull = source.range == .full || sourceFormat.impliesFullRange
    // RGB has no matrix: the other side's is taken. Where neither side says, it is BT.601 (6), FFmpeg's default.
    let known = [source.matrix, target.matrix].first { $0 != 0 && $0 != 2 } ?? 6
    let sourceMatrix = source.matrix == 0 || source.matrix == 2 ? known : source.matrix
    let targetMatrix = target.matrix == 0 || target.matrix == 2 ? sourceMatrix : target.matrix
    _ = sws_setColorspaceDetails(
      context, sws_getCoefficients(Int32(clamping: sourceMatrix)), sourceIsFull ? 1 : 0,
      sws_getCoefficients(Int32(clamping: targetMatrix)), target.range == .full ? 1 : 0, 0, 1 << 16, 1 << 16)
  }
}
