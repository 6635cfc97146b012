import CFFmpeg
import Frames
import Media
import Telemetry

/// Makes decoded pictures upright, drawable, and of one size and format from first to last.
final class PictureFitter {
  private let name: String
  private let streamOrientation: Orientation
  /// The shape of pixels by the container, which wins over the pictures' own; 0 when it does not say.
  private let containerAspect: Rational
  private let codecAspect: Rational
  /// Pixels of picture files are square: the densities in their headers are meant for printers, and often junk.
  private let isPictureFile: Bool
  private var upright: UprightFilter?
  private var scaler: (key: UprightFilter.Key, scaler: PictureScaler)?
  private var warned = false
  // The latest of FFmpeg's formats and its description: a look-up for every frame would allocate.
  private var native: (format: Int32, description: PixelFormat?) = (AV_PIX_FMT_NONE.rawValue, nil)

  init(_ stream: UnsafeMutablePointer<AVStream>, in demuxer: Demuxer) {
    name = demuxer.name
    let matrix = fovea_stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX)?.pointee
    streamOrientation =
      matrix.flatMap { $0.size >= 36 ? $0.data : nil }?
      .withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
      ?? demuxer.stillOrientation ?? .upright
    isPictureFile = demuxer.readsPictureFiles
    containerAspect = Rational(stream.pointee.sample_aspect_ratio)
    codecAspect = Rational(stream.pointee.codecpar.pointee.sample_aspect_ratio)
  }

  /// For a camera's pictures, which are upright.
  init(camera name: String) {
    (self.name, streamOrientation, isPictureFile) = (name, .upright, false)
    (containerAspect, codecAspect) = (Rational(0, 1), Rational(1, 1))
  }

  func turn(_ frame: UnsafeMutablePointer<AVFrame>) throws {
    try StreamChoice.checkSize(Int(frame.pointee.width), Int(frame.pointee.height), name)
    if isPictureFile {
      frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    } else if containerAspect.value > 0 {
      frame.pointee.sample_aspect_ratio = containerAspect.ffmpeg
    } else if frame.pointee.sample_aspect_ratio.num == 0 {
      frame.pointee.sample_aspect_ratio = codecAspect.ffmpeg
    }
    let orientation = orientation(of: frame)
    guard orientation != .upright else { return }
    let key = UprightFilter.Key(
      orientation: orientation, width: frame.pointee.width, height: frame.pointee.height,
      format: frame.pointee.format)
    if upright?.key != key { upright = try UprightFilter(key, name: name) }
    let aspect = frame.pointee.sample_aspect_ratio
    let site = Int(frame.pointee.chroma_location.rawValue)
    try upright?.apply(to: frame)
    av_frame_remove_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX)
    frame.pointee.chroma_location = AVChromaLocation(UInt32(orientation.turned(chromaLocation: site)))
    frame.pointee.sample_aspect_ratio = orientation.transposes ? AVRational(num: aspect.den, den: aspect.num) : aspect
    // Fields become columns.
    if orientation.transposes { fovea_frame_set_fields(frame, 0, 0) }
  }

  private func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
    guard let data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX), data.pointee.size >= 36 else {
      return streamOrientation
    }
    return data.pointee.data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
  }

  /// The format of all frames of a stream, from its first upright picture.
  func format(of frame: AVFrame, timeBase: Rational, frameRate: Rational) throws -> FrameFormat {
    var format = describe(frame, try pixelFormat(nearest: frame.format))
    (format.timeBase, format.frameRate) = (timeBase, frameRate)
    return format
  }

  private func pixelFormat(nearest format: Int32) throws -> PixelFormat {
    if let found = PixelFormat(ffmpeg: AVPixelFormat(format).nearestNative) { return found }
    throw UserError("cannot use \(name): FFmpeg cannot convert its pixel format; convert the video first")
  }

  private func describe(_ frame: AVFrame, _ pixelFormat: PixelFormat) -> FrameFormat {
    var color = ColorDescription(frame)
    if pixelFormat.isRGB { (color.range, color.matrix) = (.full, 0) }
    let aspect = frame.sample_aspect_ratio
    return FrameFormat(
      pixelFormat: pixelFormat, width: Int(frame.width), height: Int(frame.height),
      sampleAspectRatio: aspect.num > 0 && aspect.den > 0 ? Rational(aspect) : Rational(0, 1), color: color,
      fieldOrder: FieldOrder(frame))
  }

  /// Moves the upright picture into `frame`, without a copy when it has the stream's format already.
  func deliver(_ picture: UnsafeMutablePointer<AVFrame>, as format: FrameFormat, into frame: Frame) throws {
    frame.format = format
    frame.sideData = try FrameSideData.of(picture)
    if picture.pointee.format != native.format {
      native = (picture.pointee.format, PixelFormat(ffmpeg: AVPixelFormat(picture.pointee.format)))
    }
    let sameSize = Int(picture.pointee.width) == format.width && Int(picture.pointee.height) == format.height
    if sameSize, native.description == format.pixelFormat {
      return try frame.adopt(picture)
    }
    if !sameSize { warnOnce(picture.pointee, format) }
    let box = try frame.avFrameBox()
    try box.allocate(format.pixelFormat.ffmpeg, width: format.width, height: format.height)
    frame.takePlanes(of: box.pointer.pointee)
    try scaler(from: picture.pointee, to: format).scale(picture, into: frame.planes)
    av_frame_unref(picture)
  }

  private func scaler(from picture: AVFrame, to format: FrameFormat) throws -> PictureScaler {
    let key = UprightFilter.Key(
      orientation: .upright, width: picture.width, height: picture.height, format: picture.format)
    if let scaler, scaler.key == key { return scaler.scaler }
    // `PixelFormat` may not describe the decoder's format, so the scaler gets FFmpeg's number of it beside the description.
    let source = describe(picture, format.pixelFormat)
    let made = try PictureScaler(
      from: source, as: AVPixelFormat(picture.format), to: format, placement: .letterbox(source, in: format))
    scaler = (key, made)
    return made
  }

  private func warnOnce(_ picture: AVFrame, _ format: FrameFormat) {
    guard !warned else { return }
    warned = true
    Log.warning(
      "\(name): the picture changes its size from \(format.width)x\(format.height) to "
        + "\(picture.width)x\(picture.height); it is scaled into the first size")
  }
}
