import CFFmpeg
import Foundation

/// What FFmpeg's codes mean in the works where they mean more than by themselves. The first row that fits is the answer.
enum FailureTable {
  struct Row {
    let work: FFmpegWork.Kind
    /// FFmpeg's own codes and negative errno; empty: any.
    var codes: Set<Int32> = []
    /// Short names of muxers; empty: any.
    var containers: Set<String> = []
    /// Names of encoders or codecs; empty: any.
    var codecs: Set<String> = []
    /// What happened and what to do; {codec} and {container} stand for their names.
    let reason: String
  }

  private static let invalid = fovea_averror_invaliddata
  /// What encoders and muxers return for what they do not take.
  private static let unfit: Set<Int32> = [
    -EINVAL, -EPERM, -ENOSYS, -ERANGE, invalid, fovea_averror_patchwelcome, fovea_averror_external,
  ]
  private static let another = "choose another with --codec, or leave it out"

  static let rows: [Row] = [
    Row(
      work: .openHardwareEncoder,
      reason: "it encodes on hardware that is not here, or that this user may not use; \(another)"),
    Row(
      work: .openEncoder, codes: [fovea_averror_experimental],
      reason: "FFmpeg calls it experimental and does not offer it; \(another)"),
    Row(
      work: .openEncoder, codes: [fovea_averror_encoder_not_found],
      reason: "the library behind it is not installed; \(another)"),
    Row(
      work: .openEncoder, codes: unfit,
      reason: "it does not take pictures of this size, rate or pixel format, or one of the options; \(another), "
        + "name another --pix-fmt, or scale the video first"),
    Row(
      work: .encode, codes: unfit,
      reason: "it does not take these pictures; \(another)"),
    Row(
      work: .writeHeader, codes: unfit, containers: ["matroska", "nut"],
      reason: "even {container} cannot hold {codec} as it is here; choose another encoder with --codec, or leave out "
        + "sound and subtitles with --no-copy"),
    Row(
      work: .writeHeader, codes: unfit,
      reason: "a file of format {container} cannot hold {codec} as it is here; name the output .mkv, choose another "
        + "encoder with --codec, or leave out sound and subtitles with --no-copy"),
    Row(
      work: .writePacket, codes: unfit,
      reason: "the format {container} does not take the times or the bytes of a packet of {codec}; name the output "
        + ".mkv, or leave out sound and subtitles with --no-copy"),
    Row(
      work: .writeTrailer, codes: unfit,
      reason: "the format {container} could not be completed with what was written; name the output .mkv"),
    Row(
      work: .publish, codes: [-EIO],
      reason: "the host is not known or does not take the stream; check the address and the connection"),
    Row(work: .publish, codes: [-EINVAL], reason: "the address makes no sense; check it"),
    Row(
      work: .connect, codes: [-EIO],
      reason: "the host is not known, or it gave no stream; check the address and the connection"),
    Row(
      work: .connect, codes: [-EINVAL],
      reason: "the address makes no sense, or what comes from it; check the address"),
    Row(
      work: .connect, codes: [invalid],
      reason: "what comes from this address is no video that FFmpeg knows; check the address, or name the format with "
        + "--input-format"),
    Row(work: .openEmptyPipe, reason: "nothing came through it; check the program before the pipe"),
    Row(
      work: .openMP4Pipe, codes: [invalid, -EBUSY, -EPERM, -EINVAL, fovea_averror_eof],
      reason: "it is an mp4 or mov whose index lies at its end, which a pipe does not reach; give the file's name, "
        + "or move the index with `ffmpeg -i IN -c copy -movflags +faststart OUT`"),
    Row(
      work: .openPipe, codes: [invalid, -EBUSY, -EPERM, -EINVAL],
      reason: "what comes through the pipe is not a video or image that FFmpeg knows, or its beginning is missing; "
        + "name its format with --input-format"),
  ]

  static func reason(_ code: Int32, during work: FFmpegWork) -> String? {
    row(code, during: work).map {
      $0.reason.replacing("{codec}", with: work.codecs.joined(separator: ", "))
        .replacing("{container}", with: work.container ?? "")
    }
  }

  static func row(_ code: Int32, during work: FFmpegWork) -> Row? {
    rows.first { row in
      row.work == work.kind && (row.codes.isEmpty || row.codes.contains(code))
        && (row.containers.isEmpty || row.containers.contains(work.container ?? ""))
        && (row.codecs.isEmpty || !row.codecs.isDisjoint(with: work.codecs))
    }
  }
}

extension FFmpegWork {
  enum Kind: CaseIterable {
    case connect, publish, openPipe, openEmptyPipe, openMP4Pipe, openEncoder, openHardwareEncoder, encode, writeHeader
    case writePacket, writeTrailer
  }

  var kind: Kind {
    switch self {
    case .connect: .connect
    case .publish: .publish
    case .openPipe(.nothing): .openEmptyPipe
    case .openPipe(.mp4): .openMP4Pipe
    case .openPipe(.other): .openPipe
    case .openEncoder(_, let isHardware): isHardware ? .openHardwareEncoder : .openEncoder
    case .encode: .encode
    case .writeHeader: .writeHeader
    case .writePacket: .writePacket
    case .writeTrailer: .writeTrailer
    }
  }

  var container: String? {
    switch self {
    case .publish(let container), .writeHeader(let container, _), .writePacket(let container, _),
      .writeTrailer(let container):
      container
    case .connect, .openPipe, .openEncoder, .encode: nil
    }
  }

  var codecs: [String] {
    switch self {
    case .openEncoder(let codec, _), .encode(let codec), .writePacket(_, let codec): [codec]
    case .writeHeader(_, let codecs): codecs
    case .connect, .publish, .openPipe, .writeTrailer: []
    }
  }
}
