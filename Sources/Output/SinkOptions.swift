import Telemetry

/// What a user may ask of an output; nil is "as suits the format".
package struct SinkOptions: Sendable {
  /// The container, as in `mkv`, instead of what the name says.
  package var format: String?
  /// The video encoder or codec, as FFmpeg calls it.
  package var codec: String?
  /// Constant quality; lower is better.
  package var crf: Double?
  package var preset: String?
  /// Bits per second, instead of constant quality.
  package var bitrate: Int?
  package var pixelFormat: String?
  /// Encoder threads; nil: as many as the encoder likes.
  package var threads: Int?
  /// Replace an existing file.
  package var overwrite: Bool
  /// Files that are read: they are not replaced even with `overwrite`.
  package var keeping: Set<FileIdentity> = []
  /// Copy sound, subtitles, chapters, attachments and metadata.
  package var copiesCompanions: Bool
  /// Convert sound and text subtitles that the container cannot hold; otherwise they are left out.
  package var transcodesCompanions = true
  /// Write the source's times where they are late, in containers that otherwise begin at 0.
  package var keepsStart: Bool

  package init(
    format: String? = nil, codec: String? = nil, crf: Double? = nil, preset: String? = nil, bitrate: Int? = nil,
    pixelFormat: String? = nil, threads: Int? = nil, overwrite: Bool = false, copiesCompanions: Bool = true,
    keepsStart: Bool = false
  ) {
    (self.format, self.codec, self.crf, self.preset) = (format, codec, crf, preset)
    (self.bitrate, self.pixelFormat, self.threads) = (bitrate, pixelFormat, threads)
    (self.overwrite, self.copiesCompanions, self.keepsStart) = (overwrite, copiesCompanions, keepsStart)
  }

  /// Bits per second of a text such as `800k`, `4M` or `1500000`.
  package static func bitrate(_ text: String) throws -> Int {
    let factors: [Character: Double] = ["k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "g": 1e9, "G": 1e9]
    let factor = text.last.flatMap { factors[$0] }
    guard let number = Double(factor == nil ? text[...] : text.dropLast()), number.isFinite,
      (1...1e12).contains(number * (factor ?? 1))
    else { throw UserError("bits per second are needed, such as 800k or 4M", .usage) }
    return Int(number * (factor ?? 1))
  }
}
