import CFFmpeg
import Frames
import Media
import Telemetry

/// Which companions a container gets.
struct CompanionChoice {
  let muxer: String
  /// The output's, for messages.
  let name: String
  /// Converts what the container cannot hold.
  let transcodes: Bool

  /// The streams that go in, and the converters of those that do not go in as they are. Each one that is converted or left out is said.
  func accepted(_ companions: MediaCompanions) -> ([StreamDescription], [Int: any CompanionConverter]) {
    var (streams, converters): ([StreamDescription], [Int: any CompanionConverter]) = ([], [:])
    for stream in companions.streams {
      if isTimecode(stream) && ["mp4", "mov", "matroska"].contains(muxer) && companions.hasTimecode { continue }
      if Self.canHold(stream, muxer) {
        streams.append(stream)
        converters[stream.index] = SteadySound(stream, in: muxer, name: name, transcodes: transcodes)
        continue
      }
      do {
        guard let converter = try converter(stream) else {
          Log.warning("\(name) cannot hold \(describe(stream)) and goes without it\(hint(stream))")
          continue
        }
        converters[stream.index] = converter
        streams.append(converter.result)
        Log.info("\(name) cannot hold \(describe(stream)): it becomes \(converter.result.codecName)")
      } catch {
        Log.warning("\(name) cannot hold \(describe(stream)) and goes without it: \(error)\(hint(stream))")
      }
    }
    return (streams, converters)
  }

  /// Nil where there is nothing that it could become.
  private func converter(_ stream: StreamDescription) throws -> (any CompanionConverter)? {
    guard transcodes else { return nil }
    if stream.kind == AVMEDIA_TYPE_AUDIO {
      let encoders = ConversionTable.soundEncoders(muxer)
      return encoders.isEmpty ? nil : try SoundConverter(stream, encoders: encoders, muxer: muxer)
    }
    guard stream.kind == AVMEDIA_TYPE_SUBTITLE, ConversionTable.isText(stream.parameters.pointee.codec_id),
      let encoder = ConversionTable.subtitleEncoder(muxer)
    else { return nil }
    return try SubtitleConverter(stream, encoder: encoder)
  }

  private func hint(_ stream: StreamDescription) -> String {
    guard muxer != "matroska", muxer != "rtsp", Self.canHold(stream, "matroska") else { return "" }
    return "; use .mkv to keep it"
  }

  /// A track of QuickTime's time code: one number, which is among the metadata too. Muxers write it from there.
  private func isTimecode(_ stream: StreamDescription) -> Bool {
    stream.parameters.pointee.codec_tag == 0x6463_6d74  // "tmcd"
  }

  /// As in "the subtitles (eng, codec subrip)".
  private func describe(_ stream: StreamDescription) -> String {
    let what =
      switch stream.kind {
      case _ where stream.isCoverArt: "the cover art"
      case AVMEDIA_TYPE_AUDIO: "the sound"
      case AVMEDIA_TYPE_SUBTITLE: "the subtitles"
      case AVMEDIA_TYPE_ATTACHMENT: "the attachment \(stream.metadata["filename"] ?? "")"
      case AVMEDIA_TYPE_VIDEO: "the second video"
      default: "the data stream"
      }
    let language = stream.metadata["language"].map { "\($0), " } ?? ""
    return "\(what) (\(language)codec \(stream.codecName))"
  }
}
