import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// Writes each frame as a picture file: `out/%05d.png` counts from 1, a name without a number holds one picture.
package final class PictureSink: FrameSink {
  private let pattern: PicturePattern
  private let format: OutputFormat
  private let options: SinkOptions
  private let codec: UnsafePointer<AVCodec>
  private var video: EncodedVideo?
  private var count = 0
  private var rate = RateWatch()
  /// The complete picture of a name without a number, until the end.
  private var single: PartialFile?
  private var isEnded = false

  init(_ path: String, _ format: OutputFormat, _ options: SinkOptions) throws {
    (self.format, self.options) = (format, options)
    pattern = try PicturePattern(path)
    codec = try EncoderChoice.encoder(options.codec ?? format.encoder)
    _ = try PartialFile(pattern.path(1), overwrite: options.overwrite, keeping: options.keeping)
  }

  /// Opens the encoder and makes the sequence's folder.
  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    // One thread: each picture is written before the next is taken, so that the error of a full disk comes at once.
    var options = options
    options.threads = options.threads ?? 1
    video = try EncodedVideo(
      format, self.format, codec: codec, options, isLive: false, name: pattern.text)
    let folder = pattern.path(1).folder
    guard pattern.isSequence else { return }
    guard Files.makeFolder(folder) else {
      throw UserError("cannot make the folder \(folder); check that you may write there")
    }
  }

  package func write(_ frame: Frame) throws {
    guard !isEnded, let video else { return }
    rate.note(frame)
    try video.encode(frame, save)
  }

  package func write(_ packet: any CompanionPacket) throws {}

  /// Writes the pictures that the encoder still holds.
  package func finish(_ ending: Ending) throws {
    guard !isEnded, let video else { return }
    try video.drain(save)
    try single?.commit(ending)
    isEnded = true
    self.video = nil
    guard rate.isVariable else { return }
    Log.warning(
      "\(pattern.text): the frames do not come at a constant rate, which pictures cannot tell; "
        + "--json keeps the time of each")
  }

  /// Gives up; pictures that are complete stay.
  package func abort() {
    guard !isEnded else { return }
    isEnded = true
    video = nil
    single?.discard()
  }

  private func save(_ packet: UnsafeMutablePointer<AVPacket>) throws {
    count += 1
    guard count == 1 || pattern.isSequence else {
      throw UserError(
        "\(pattern.text) holds one picture, but the input has more; name a sequence such as \(pattern.suggestion)",
        .usage)
    }
    let file = try PartialFile(pattern.path(count), overwrite: options.overwrite, keeping: options.keeping)
    try file.create()
    do {
      let writer = try ByteFile(file.partialPath, name: file.path)
      try writer.write(UnsafeRawBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
      try writer.close()
      // Whether a second picture comes is known only at the end.
      if pattern.isSequence { try file.commit(.complete) } else { single = file }
    } catch {
      file.discard()
      throw error
    }
  }
}

/// A file name with the place of a number, as C's printf gives it: `%d`, `%05d`; `%%` is a percent sign.
struct PicturePattern {
  let text: String
  let isSequence: Bool
  private let before: String, after: String
  private let width: Int

  init(_ text: String) throws {
    self.text = text
    var (before, after, width): (String, String, Int?) = ("", "", nil)
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
      let digits = rest[rest.index(after: percent)...].prefix { $0.isASCII && $0.isNumber }
      let letter = digits.endIndex < rest.endIndex ? rest[digits.endIndex] : " "
      let literal = String(rest[..<percent]) + (letter == "%" && digits.isEmpty ? "%" : "")
      if width == nil { before += literal } else { after += literal }
      if letter == "d" {
        guard width == nil, (Int(digits) ?? 0) <= 20 else {
          throw UserError("\(text) has more than one number, or too wide a one; write one such as %05d", .usage)
        }
        width = Int(digits) ?? 0
      } else if letter != "%" || !digits.isEmpty {
        throw UserError("\(text) has a % that is no number; write one such as %05d, or %% for a percent sign", .usage)
      }
      rest = rest[rest.index(after: digits.endIndex)...]
    }
    if width == nil { before += rest } else { after += rest }
    (self.before, self.after, self.width, isSequence) = (before, after, width ?? 0, width != nil)
  }

  func path(_ number: Int) -> String {
    guard isSequence else { return before }
    let digits = String(number)
    return before + String(repeating: "0", count: max(0, width - digits.count)) + digits + after
  }

  /// The same name with a number.
  var suggestion: String { text.withoutEnding + "-%05d." + text.ending }
}
