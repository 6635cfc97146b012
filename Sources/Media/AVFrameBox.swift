import CFFmpeg
import Frames
import Telemetry

/// Owns one `AVFrame`, to be filled and emptied any number of times: the `backing` of frames that hold a decoder's
/// picture without copying it.
package final class AVFrameBox: @unchecked Sendable {
  // Safety: belongs to one frame or one converter, which one thread uses at a time.

  /// Never null while the box lives; its buffers are reference-counted.
  package let pointer: UnsafeMutablePointer<AVFrame>

  package init() throws { pointer = try ffmpeg(av_frame_alloc(), "cannot make a picture") }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = pointer
    av_frame_free(&frame)
  }

  /// Gives the frame its own buffers for a picture of this format, unless it has such already and is the only one to
  /// refer to them.
  package func allocate(_ format: AVPixelFormat, width: Int, height: Int) throws {
    let (width, height) = (Int32(clamping: width), Int32(clamping: height))
    let fits =
      pointer.pointee.format == format.rawValue && pointer.pointee.width == width && pointer.pointee.height == height
    if fits, av_frame_is_writable(pointer) == 1 { return }
    av_frame_unref(pointer)
    (pointer.pointee.format, pointer.pointee.width, pointer.pointee.height) = (format.rawValue, width, height)
    try ffmpeg(av_frame_get_buffer(pointer, 0), "cannot make a picture of \(width)x\(height)")
  }
}

extension Frame {
  /// The box behind this frame; made, and put in place of any other backing, when there is none.
  package func avFrameBox() throws -> AVFrameBox {
    if let box = backing as? AVFrameBox { return box }
    let box = try AVFrameBox()
    backing = box
    return box
  }

  /// Takes over the buffers of `source` (which is left empty) without copying samples. `format` and time stamps are
  /// not touched.
  package func adopt(_ source: UnsafeMutablePointer<AVFrame>) throws {
    let box = try avFrameBox()
    if box.pointer != source {
      av_frame_unref(box.pointer)
      av_frame_move_ref(box.pointer, source)
    }
    takePlanes(of: box.pointer.pointee)
  }

  /// Points `planes` at the samples of an `AVFrame` that `backing` keeps alive.
  package func takePlanes(of frame: AVFrame) {
    planes[0] = (UnsafeMutableRawPointer(frame.data.0), Int(frame.linesize.0))
    planes[1] = (UnsafeMutableRawPointer(frame.data.1), Int(frame.linesize.1))
    planes[2] = (UnsafeMutableRawPointer(frame.data.2), Int(frame.linesize.2))
    planes[3] = (UnsafeMutableRawPointer(frame.data.3), Int(frame.linesize.3))
  }
}

/// Shows any `Frame` to FFmpeg as an `AVFrame`, without copying samples; made once, used for frame after frame.
///
/// A decoder's picture is shown as a reference to its buffers, which an encoder may keep. A picture in other memory is
/// shown as plain pointers (`buf[0]` is null): an encoder copies what it wants to keep (`av_frame_ref` does that), so
/// the frame's memory may be used again as soon as the call returns.
package final class AVFrameView {
  private let box: AVFrameBox
  private var avFormat = AV_PIX_FMT_NONE
  private var shown: PixelFormat?

  package init() throws { box = try AVFrameBox() }

  /// The view of `frame`: valid until the next call, until the frame changes, and while this object lives. Its time stamp and duration are
  /// the frame's; `pict_type` is left to the encoder.
  package func show(_ frame: Frame) throws -> UnsafeMutablePointer<AVFrame> {
    let view = box.pointer
    av_frame_unref(view)
    if let source = frame.backing as? AVFrameBox, source.pointer.pointee.buf.0 != nil {
      try ffmpeg(av_frame_ref(view, source.pointer), "cannot use a decoded picture")
      av_frame_remove_side_data(view, AV_FRAME_DATA_DISPLAYMATRIX)
    } else {
      show(frame.planes, in: &view.pointee)
    }
    try (frame.sideData as? FrameSideData)?.add(to: view)
    describe(frame, in: &view.pointee)
    return view
  }

  package func clear() { av_frame_unref(box.pointer) }

  private func show(_ planes: Planes, in view: inout AVFrame) {
    func bytes(_ plane: Int) -> UnsafeMutablePointer<UInt8>? { planes[plane].base?.assumingMemoryBound(to: UInt8.self) }
    view.data = (bytes(0), bytes(1), bytes(2), bytes(3), nil, nil, nil, nil)
    view.linesize.0 = Int32(clamping: planes[0].stride)
    view.linesize.1 = Int32(clamping: planes[1].stride)
    view.linesize.2 = Int32(clamping: planes[2].stride)
    view.linesize.3 = Int32(clamping: planes[3].stride)
  }

  private func describe(_ frame: Frame, in view: inout AVFrame) {
    let format = frame.format
    if shown != format.pixelFormat { (shown, avFormat) = (format.pixelFormat, format.pixelFormat.ffmpeg) }
    view.format = avFormat.rawValue
    (view.width, view.height) = (Int32(clamping: format.width), Int32(clamping: format.height))
    view.sample_aspect_ratio = format.sampleAspectRatio.ffmpeg
    format.color.apply(to: &view)
    fovea_frame_set_fields(&view, format.fieldOrder == .progressive ? 0 : 1, format.fieldOrder == .topFirst ? 1 : 0)
    view.pict_type = AV_PICTURE_TYPE_NONE
    view.pts = frame.pts ?? fovea_nopts
    fovea_frame_set_duration(&view, frame.duration)
  }
}
