import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// What FFmpeg is told to open, and how.
struct DemuxerInput {
  /// A pipe; standard input has no path.
  struct Pipe { let path: String? }

  /// FFmpeg's address: with an explicit protocol, so that a file's name cannot name another one.
  let url: String
  /// Null: to be guessed from the data.
  let format: UnsafePointer<AVInputFormat>?
  let options: [String: String]
  /// The pipe that the bytes come from, when it is one; standard input has no path.
  let pipe: Pipe?
  /// The files of a numbered sequence.
  let pictures: PictureList?
  private let name: String
  private let path: String?
  private let timeout: Double

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    self.name = name
    timeout = options.timeout
    var entries: [String: String] = [:]
    var hint = options.format
    var path: String?
    var pipe: Pipe?
    var pictures: PictureList?
    switch address {
    case .file(let file):
      try FileCheck.check(file)
      (url, path) = ("file:" + file, file)
      if Self.isPlaylistName(file) { entries["allowed_extensions"] = Self.playlistParts }
      if FileCheck.isPipe(file) { pipe = Pipe(path: file) }
      if hint == nil, file.contains(/[%*?\[{]/), Self.isImageName(file) {
        hint = "image2"
        entries["pattern_type"] = "none"
      }
    case .imageSequence(let pattern):
      let list = try PictureList(pattern)
      (pictures, url) = (list, list.files[0])
      hint = hint ?? "image2"
      (entries["pattern_type"], entries["loop"]) = ("none", "1")
    case .imageGlob(let pattern):
      try FileCheck.checkGlob(pattern)
      url = pattern
      hint = hint ?? "image2"
      entries["pattern_type"] = "glob"
    case .standardInput:
      url = "pipe:0"
      pipe = Pipe(path: nil)
    case .network(let address):
      url = address
      entries.merge(Self.networkOptions(address, options)) { $1 }
    case .synthetic, .camera: throw UserError("cannot open \(name): FFmpeg does not read this kind of source")
    }
    self.pictures = pictures
    (self.path, self.pipe) = (pipe == nil ? path : nil, pipe)
    if options.rawVideo != nil { hint = hint ?? "rawvideo" }
    format = try Self.find(hint, name)
    entries.merge(try RawVideo.options(options.rawVideo, for: format, name)) { $1 }
    self.options = entries
  }

  /// Short names that people use for FFmpeg's formats.
  private static let aliases = [
    "mkv": "matroska", "webm": "matroska", "ts": "mpegts", "y4m": "yuv4mpegpipe", "raw": "rawvideo", "mjpg": "mjpeg",
  ]

  private static func find(_ hint: String?, _ name: String) throws -> UnsafePointer<AVInputFormat>? {
    guard let hint else { return nil }
    if let found = av_find_input_format(aliases[hint] ?? hint) { return found }
    throw UserError(
      "cannot open \(name): there is no input format \"\(hint)\"; `ffmpeg -demuxers` lists those there are", .usage)
  }

  private static func networkOptions(_ address: String, _ options: SourceOptions) -> [String: String] {
    // Such a stream has no times: that at which a picture comes is the best there is.
    if SourceAddress.isMotionJPEG(address) { return ["use_wallclock_as_timestamps": "1"] }
    guard scheme(of: address)?.hasPrefix("rtsp") == true else { return [:] }
    return options.prefersUDP ? ["rtsp_transport": "udp"] : ["rtsp_flags": "prefer_tcp"]
  }

  /// The network address brings a user's name.
  private var hasUser: Bool {
    url.firstRange(of: "://").map { url[$0.upperBound...].prefix { $0 != "/" }.contains("@") } ?? false
  }

  private static func isPlaylistName(_ path: String) -> Bool {
    path.ending == "m3u8"
  }

  /// What the parts of an HLS playlist (RFC 8216) in a file may be called: FFmpeg's own list, and the usual names of keys.
  private static let playlistParts =
    "3gp,aac,avi,ac3,eac3,flac,mkv,m3u8,m4a,m4s,m4v,mpg,mov,mp2,mp3,mp4,mpeg,mpegts,ogg,ogv,oga,ts,vob,wav,vtt,key,bin"

  static func isImageName(_ path: String) -> Bool {
    av_guess_format("image2", path, nil) != nil
      && imageExtensions.contains(path.ending)
  }

  private static let imageExtensions: Set<String> = [
    "jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "ppm", "pgm", "pam", "pbm", "exr", "tga", "jp2", "dpx", "sgi",
  ]

  /// What FFmpeg's codes are told apart by; nil for files.
  func work(_ pipe: PipeReader?) -> FFmpegWork? {
    if let pipe { return .openPipe(PipeBeginning(pipe.beginning)) }
    return path == nil && pictures == nil && scheme(of: url) != "file" ? .connect : nil
  }

  /// - Parameter message: what FFmpeg logged.
  func failure(
    _ code: Int32, _ what: String, _ interruption: Interruption, _ work: FFmpegWork?, message: String
  ) -> UserError {
    if interruption.isRequested { return UserError("\(what): interrupted") }
    if interruption.isLate {
      return UserError("\(what): no answer in \(timeout) s; check the address and the connection")
    }
    // FFmpeg's demuxers also return EBUSY and EPERM for headers that make no sense.
    let isSenseless = code == fovea_averror_invaliddata || code == -EBUSY || code == -EPERM
    if isSenseless, let path {
      if FileCheck.begins(path, with: "YUV4MPEG2") {
        return UserError("\(what): its header makes no sense; a y4m needs a width (W) and a height (H) of at least 1")
      }
      if FileCheck.begins(path, with: "#EXTM3U") {
        return UserError(
          "\(what): the parts that this playlist names cannot be read; check that they are there, and that they are "
            + "encrypted with the key it names if they are encrypted")
      }
      return UserError(
        FileCheck.looksLikeText(path)
          ? "\(what): it is a text file, not a video"
          : "\(what): it is not a video or image that FFmpeg knows, or its beginning or index is missing; "
            + "check that the file is complete")
    }
    if code == fovea_averror_http_unauthorized, hasUser {
      return UserError(
        "\(what): the server refuses this name and password; check them (a camera often has one pair for its page and another for "
          + "its stream)")
    }
    guard let work else { return UserError("\(what): \(ffmpegReason(code))") }
    return UserError("\(what): \(ffmpegReason(code, during: work, message: message))")
  }
}
