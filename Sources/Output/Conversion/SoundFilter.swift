import CFFmpeg
import Frames
import Media
import Telemetry

/// Brings decoded sound to an encoder's sample rate, channels and sample format (libavfilter's aresample). For one form of input.
final class SoundFilter {
  private let graph: FilterGraph
  private let what: String
  private let form: Form
  private let outputRate: Int32

  /// What decoded sound is like.
  struct Form: Equatable {
    var format: Int32, rate: Int32, layout: String

    /// Channels without places get those that are usual for their number.
    init(_ frame: UnsafeMutablePointer<AVFrame>) {
      (format, rate) = (frame.pointee.format, frame.pointee.sample_rate)
      if frame.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
        av_channel_layout_default(&frame.pointee.ch_layout, frame.pointee.ch_layout.nb_channels)
      }
      layout = Self.name(&frame.pointee.ch_layout)
    }

    static func name(_ layout: UnsafeMutablePointer<AVChannelLayout>) -> String {
      var text = [CChar](repeating: 0, count: 256)
      av_channel_layout_describe(layout, &text, text.count)
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  init(_ form: Form, timeBase: Rational, to encoder: SoundEncoder, _ what: String) throws {
    (self.form, self.what, outputRate) = (form, what, Int32(clamping: encoder.rate))
    guard SoundEncoder.rates.contains(Int(form.rate)),
      let format = av_get_sample_fmt_name(AVSampleFormat(rawValue: form.format)),
      let target = av_get_sample_fmt_name(encoder.context.pointer.pointee.sample_fmt)
    else { throw UserError("\(what): it claims \(form.rate) samples a second") }
    let layout = Form.name(&encoder.context.pointer.pointee.ch_layout)
    let description =
      "abuffer=sample_fmt=\(String(cString: format)):sample_rate=\(form.rate):channel_layout=\(form.layout)"
      + ":time_base=\(timeBase),aresample=\(encoder.rate),aformat=sample_fmts=\(String(cString: target))"
      + ":sample_rates=\(encoder.rate):channel_layouts=\(layout),abuffersink"
    graph = try FilterGraph(description, source: "Parsed_abuffer_0", sink: "Parsed_abuffersink_3", what)
  }

  func takes(_ form: Form) -> Bool { form == self.form }

  /// Takes sound, or nil for the end, and hands on what is ready, with its time in samples.
  func filter(_ frame: UnsafeMutablePointer<AVFrame>?, _ receive: (UnsafeMutablePointer<AVFrame>) throws -> Void) throws
  {
    try graph.filter(frame, what) { sound in
      if sound.pointee.pts != fovea_nopts {
        sound.pointee.pts = av_rescale_q(sound.pointee.pts, graph.timeBase, AVRational(num: 1, den: outputRate))
      }
      try receive(sound)
    }
  }
}
