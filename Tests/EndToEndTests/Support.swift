import Foundation
import TestSupport
import Testing

/// A classifier of ten classes with random weights.
let tinyModel = TestData.tinyModel

/// Ninety frames of a test picture, small enough to be quick.
let testPattern = "synthetic:size=160x120,rate=30,frames=90"

/// `fovea annotate` with the tiny model.
func annotate(_ arguments: [String], in folder: URL? = nil, input: URL? = nil) throws -> CommandResult {
  try fovea(["annotate"] + arguments + ["--model", tinyModel], in: folder, input: input)
}

/// One value per frame of the first video stream, as ffprobe prints it.
func frames(_ file: URL, _ entry: String) throws -> [String] {
  let result = try run(
    "ffprobe",
    [
      "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=\(entry)", "-of", "csv=print_section=0",
      file.path,
    ])
  return result.text.split(separator: "\n").map { String($0.prefix { $0 != "," }) }
}

/// The presentation times of the first video stream's frames in seconds.
func times(_ file: URL) throws -> [Double] {
  try frames(file, "best_effort_timestamp_time").compactMap { Double($0) }
}

/// One value of the first video stream, as ffprobe prints it.
func stream(_ file: URL, _ entry: String) throws -> String {
  try run(
    "ffprobe",
    [
      "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=\(entry)", "-of",
      "default=nokey=1:noprint_wrappers=1", file.path,
    ]
  ).text.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// The MD5 of every packet of the first audio stream.
func audioHashes(_ file: URL) throws -> [String] {
  try run(
    "ffprobe",
    [
      "-v", "error", "-select_streams", "a:0", "-show_packets", "-show_entries", "packet=data_hash", "-show_data_hash",
      "md5", "-of", "csv=print_section=0", file.path,
    ]
  ).text.split(separator: "\n").compactMap { line in
    line.firstRange(of: "MD5:").map { String(line[$0.lowerBound...].prefix { $0 != "," }) }
  }
}

/// Makes `clip.m3u8`: two seconds of H.264 and AAC, encrypted with the key in `clip.key`.
func makePlaylist(in folder: URL) throws {
  try Data("sixteen letters.".utf8).write(to: folder.appendingPathComponent("clip.key"))
  try Data("clip.key\nclip.key\n".utf8).write(to: folder.appendingPathComponent("key.info"))
  try makeClip(
    [
      "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2", "-c:v",
      "libx264", "-preset", "ultrafast", "-g", "10", "-c:a", "aac", "-hls_time", "1", "-hls_playlist_type", "vod",
      "-hls_key_info_file", "key.info", "clip.m3u8",
    ], in: folder)
}

/// Makes a clip with the ffmpeg command line.
func makeClip(_ arguments: [String], in folder: URL) throws {
  let result = try run("ffmpeg", ["-v", "error", "-y"] + arguments, in: folder)
  try #require(result.status == 0, "ffmpeg: \(result.errors)")
}

/// Expects one sentence on stderr and this exit status, and nothing in the folder but what was there.
func expectRefusal(
  _ result: CommandResult, status: Int32, saying words: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
  let errors = result.errors.split(separator: "\n").filter { $0.hasPrefix("fovea: error: ") }
  #expect(errors.count == 1, "one sentence: \(result.errors)", sourceLocation: sourceLocation)
  for word in words {
    #expect(result.errors.contains(word), "\(word) in: \(result.errors)", sourceLocation: sourceLocation)
  }
}

/// True when --precision bf16 works: Linux says what the CPU has, and no other instruction set is asked for.
let hasBfloat16: Bool = {
  let asked = ProcessInfo.processInfo.environment["FOVEA_ISA"] ?? "avx512"
  let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  return asked == "avx512" && info.contains("avx512_bf16")
}()

/// A service's configuration in this folder, which holds its storage too; it ends with the text.
func configure(_ folder: URL, _ text: String) throws -> URL {
  let file = folder.appendingPathComponent("fovea.toml")
  let head = "[viewer]\nport = 0\n[model]\nfile = \"\(tinyModel)\"\n[storage]\nfolder = \"\(folder.path)/state\"\n"
  try (head + text).write(to: file, atomically: true, encoding: .utf8)
  return file
}
