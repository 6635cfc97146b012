import CFFmpeg
import Telemetry

/// Says once when closed captions (CTA-708, ATSC A/53) are lost: few encoders write them into the video.
struct CaptionCheck {
  private let name: String, encoder: String
  private var isSilent: Bool

  init(_ codec: UnsafePointer<AVCodec>, name: String) {
    (self.name, encoder) = (name, String(cString: codec.pointee.name))
    isSilent = EncoderOptions.has("a53cc", codec)
  }

  mutating func look(at picture: UnsafePointer<AVFrame>) {
    guard !isSilent, av_frame_get_side_data(picture, AV_FRAME_DATA_A53_CC) != nil else { return }
    isSilent = true
    Log.warning(
      "\(name) goes without the closed captions of the video: the encoder \(encoder) does not write them; libx264 does "
        + "(.mp4, .mov, .mkv, .ts)")
  }
}
