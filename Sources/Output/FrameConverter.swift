import CFFmpeg
import Frames
import Media
import Telemetry

/// Turns frames into what an encoder takes: another pixel format, and even sides where 4:2:0 needs them.
///
/// Odd sides are padded by repeating the last column and row: one pixel too many does less harm than one too few.
final class FrameConverter {
  /// What comes out; its size is the padded one.
  let result: FrameFormat
  private let target: FrameFormat
  private let scaler: PictureScaler?
  private let isPadded: Bool
  /// The big-endian format that the encoder wants; nil for little-endian words.
  private let swapped: AVPixelFormat?
  private var boxes: [AVFrameBox] = []

  /// From `source` to the format `pixelFormat` of an encoder.
  init(_ source: FrameFormat, to pixelFormat: AVPixelFormat, _ defaults: EncoderDefaults) throws {
    guard let native = PixelFormat(ffmpeg: pixelFormat.littleEndian) else {
      throw UserError("cannot write pictures of this pixel format; choose another --pix-fmt")
    }
    swapped = pixelFormat.littleEndian == pixelFormat ? nil : pixelFormat
    var target = source
    target.pixelFormat = native
    target.color = Self.color(source, native, isFull: pixelFormat.impliesFullRange)
    if defaults.isAlwaysLimited && !native.isRGB { target.color.range = .limited }
    self.target = target
    let changes = native != source.pixelFormat || (target.color.range == .full) != (source.color.range == .full)
    scaler = changes ? try PictureScaler(from: source, as: source.pixelFormat.ffmpeg, to: target) : nil
    var padded = target
    if defaults.needsEvenSize {
      padded.width = Self.even(target.width, native.log2ChromaWidth)
      padded.height = Self.even(target.height, native.log2ChromaHeight)
    }
    result = padded
    isPadded = (padded.width, padded.height) != (target.width, target.height)
  }

  private static func even(_ size: Int, _ log2: Int) -> Int { (size + (1 << log2) - 1) & ~((1 << log2) - 1) }

  /// The picture as the encoder takes it, valid until the next call; `frame` itself where nothing needs to change.
  func convert(_ frame: UnsafeMutablePointer<AVFrame>) throws -> UnsafeMutablePointer<AVFrame> {
    guard scaler != nil || isPadded || swapped != nil else { return frame }
    let box = try freeBox()
    let converted = box.pointer
    let planes = Self.planes(of: converted)
    if let scaler {
      try scaler.scale(frame, into: planes)
    } else {
      copy(frame, converted)
    }
    if isPadded { pad(planes) }
    if let swapped {
      swapBytes(planes)
      converted.pointee.format = swapped.rawValue
    }
    // What the picture before had: the copy would add to it.
    while converted.pointee.nb_side_data > 0, let first = converted.pointee.side_data[0] {
      av_frame_remove_side_data(converted, first.pointee.type)
    }
    try ffmpeg(av_frame_copy_props(converted, frame), "cannot convert a picture")
    target.color.apply(to: &converted.pointee)
    return converted
  }

  /// Colours after conversion: RGB becomes limited-range YUV by the matrix that players assume for the size.
  private static func color(_ source: FrameFormat, _ target: PixelFormat, isFull: Bool) -> ColorDescription {
    var color = source.color
    if source.pixelFormat.isRGB && !target.isRGB {
      if color.matrix == 0 || color.matrix == 2 { color.matrix = source.height >= 720 ? 1 : 6 }
      color.range = .limited
    } else if !source.pixelFormat.isRGB && target.isRGB {
      color.matrix = 0
      color.range = .full
      color.chromaLocation = 0
    }
    if isFull { color.range = .full }
    return color
  }

  /// A picture that the encoder no longer refers to.
  private func freeBox() throws -> AVFrameBox {
    let format = result.pixelFormat.ffmpeg
    for box in boxes where av_frame_is_writable(box.pointer) == 1 { return box }
    let box = try AVFrameBox()
    try box.allocate(format, width: result.width, height: result.height)
    boxes.append(box)
    return box
  }

  private func copy(_ source: UnsafeMutablePointer<AVFrame>, _ copy: UnsafeMutablePointer<AVFrame>) {
    var data = (source.pointee.data.0, source.pointee.data.1, source.pointee.data.2, source.pointee.data.3)
    let (width, height) = (Int32(clamping: target.width), Int32(clamping: target.height))
    withUnsafeMutablePointer(to: &copy.pointee.data) { to in
      withUnsafeMutablePointer(to: &copy.pointee.linesize) { toLines in
        withUnsafeMutablePointer(to: &data) { from in
          withUnsafePointer(to: source.pointee.linesize) { fromLines in
            let from = UnsafeMutableRawPointer(from).assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
            av_image_copy(
              UnsafeMutableRawPointer(to).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
              UnsafeMutableRawPointer(toLines).assumingMemoryBound(to: Int32.self), from,
              UnsafeRawPointer(fromLines).assumingMemoryBound(to: Int32.self), target.pixelFormat.ffmpeg, width, height)
          }
        }
      }
    }
  }

  /// Repeats the last column and row of the planes that are not subsampled (chroma of odd sizes rounds up already).
  private func pad(_ planes: Planes) {
    let format = result.pixelFormat
    for (c, component) in format.components.enumerated() {
      guard let base = planes[component.plane].base else { continue }
      let stride = planes[component.plane].stride
      let (width, height) = (
        format.width(ofComponent: c, in: target.width), format.height(ofComponent: c, in: target.height)
      )
      let size = component.depth + component.shift > 8 ? 2 : 1
      for x in width..<max(width, format.width(ofComponent: c, in: result.width)) {
        for y in 0..<height {
          let sample = base + y * stride + component.offset + x * component.step
          sample.copyMemory(from: sample - component.step, byteCount: size)
        }
      }
      for y in height..<max(height, format.height(ofComponent: c, in: result.height)) {
        (base + y * stride).copyMemory(
          from: base + (y - 1) * stride, byteCount: format.rowBytes(ofPlane: component.plane, width: result.width))
      }
    }
  }

  /// Swaps the two bytes of every sample.
  private func swapBytes(_ planes: Planes) {
    let format = result.pixelFormat
    for plane in 0..<format.planeCount {
      guard let base = planes[plane].base else { continue }
      let words = format.rowBytes(ofPlane: plane, width: result.width) / 2
      for y in 0..<format.rows(ofPlane: plane, height: result.height) {
        let row = (base + y * planes[plane].stride).assumingMemoryBound(to: UInt16.self)
        for x in 0..<words { row[x] = row[x].byteSwapped }
      }
    }
  }

  private static func planes(of frame: UnsafeMutablePointer<AVFrame>) -> Planes {
    var planes = Planes()
    planes[0] = (UnsafeMutableRawPointer(frame.pointee.data.0), Int(frame.pointee.linesize.0))
    planes[1] = (UnsafeMutableRawPointer(frame.pointee.data.1), Int(frame.pointee.linesize.1))
    planes[2] = (UnsafeMutableRawPointer(frame.pointee.data.2), Int(frame.pointee.linesize.2))
    planes[3] = (UnsafeMutableRawPointer(frame.pointee.data.3), Int(frame.pointee.linesize.3))
    return planes
  }
}
