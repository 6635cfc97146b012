import CFFmpeg
import Frames
import Telemetry

/// What a decoded picture has beside its samples and what an encoder can write again: closed captions, the light levels of HDR,
/// a colour profile. It travels with the frame, also when overlays are drawn on a copy of the picture.
package final class FrameSideData {
  /// Holds side data and no picture.
  private let box: AVFrameBox

  /// A display matrix is not among them (pictures are upright already), nor what belongs to the old encoding.
  private static let kinds: [AVFrameSideDataType] = [
    AV_FRAME_DATA_A53_CC, AV_FRAME_DATA_AFD, AV_FRAME_DATA_STEREO3D, AV_FRAME_DATA_SPHERICAL,
    AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
    AV_FRAME_DATA_S12M_TIMECODE, AV_FRAME_DATA_GOP_TIMECODE, AV_FRAME_DATA_ICC_PROFILE,
  ]

  /// What a picture has; nil where it has nothing of the kind, as most have.
  package static func of(_ picture: UnsafePointer<AVFrame>) throws -> FrameSideData? {
    guard picture.pointee.nb_side_data > 0 else { return nil }
    let data = FrameSideData(try AVFrameBox())
    try Self.copy(picture, to: data.box.pointer)
    return data.box.pointer.pointee.nb_side_data > 0 ? data : nil
  }

  private init(_ box: AVFrameBox) { self.box = box }

  /// Gives a picture what it does not have yet.
  package func add(to picture: UnsafeMutablePointer<AVFrame>) throws {
    try Self.copy(box.pointer, to: picture)
  }

  /// References; the bytes are not copied.
  private static func copy(_ source: UnsafePointer<AVFrame>, to target: UnsafeMutablePointer<AVFrame>) throws {
    for kind in kinds where av_frame_get_side_data(target, kind) == nil {
      guard let entry = av_frame_get_side_data(source, kind) else { continue }
      var reference: UnsafeMutablePointer<AVBufferRef>? = try ffmpeg(
        av_buffer_ref(entry.pointee.buf), "cannot keep the side data of a picture")
      guard let made = av_frame_new_side_data_from_buf(target, kind, reference) else {
        av_buffer_unref(&reference)
        throw UserError("cannot keep the side data of a picture: out of memory; close other programs")
      }
      // Where a profile has a name, it goes along.
      av_dict_copy(&made.pointee.metadata, entry.pointee.metadata, 0)
    }
  }
}

/// What a stream has beside its packets: how a panorama is projected, how two views are packed, the light levels of HDR.
package struct StreamSideData: Sendable {
  package let kind: AVPacketSideDataType
  package let bytes: [UInt8]

  /// What the pictures of a video have in common, and what stays true when they are encoded anew.
  private static let videoKinds: [(stream: AVPacketSideDataType, frame: AVFrameSideDataType?)] = [
    (AV_PKT_DATA_SPHERICAL, nil), (AV_PKT_DATA_STEREO3D, nil),
    (AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
    (AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
  ]

  /// Everything that a stream has.
  package static func all(of stream: UnsafePointer<AVStream>) -> [StreamSideData] {
    (0..<fovea_stream_side_data_count(stream)).compactMap { fovea_stream_side_data_at(stream, $0) }
      .compactMap { entry in
        entry.pointee.data.map {
          StreamSideData(
            kind: entry.pointee.type, bytes: Array(UnsafeBufferPointer(start: $0, count: entry.pointee.size)))
        }
      }
  }

  /// What a video's container says, completed by what its first picture says.
  package static func video(
    _ stream: UnsafePointer<AVStream>, firstPicture: UnsafePointer<AVFrame>
  ) -> [StreamSideData] {
    let known = all(of: stream)
    return videoKinds.compactMap { kinds in
      if let own = known.first(where: { $0.kind == kinds.stream }) { return own }
      guard let kind = kinds.frame, let entry = av_frame_get_side_data(firstPicture, kind),
        let data = entry.pointee.data
      else { return nil }
      return StreamSideData(
        kind: kinds.stream, bytes: Array(UnsafeBufferPointer(start: data, count: entry.pointee.size)))
    }
  }

  /// Gives it to a stream that is to be written.
  package func add(to stream: UnsafeMutablePointer<AVStream>, _ what: String) throws {
    try ffmpeg(fovea_stream_copy_side_data(stream, kind, bytes, bytes.count), what)
  }
}
