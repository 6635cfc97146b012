import Foundation
import TestSupport
import Testing

/// Systems without fonts, or with a broken configuration of them.
@Suite struct FontTests {
  /// A configuration of Fontconfig for one folder of fonts.
  private func configuration(_ fonts: String, cache: String, in folder: URL) throws {
    let text = """
      <?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
      <fontconfig><dir>\(fonts)</dir><cachedir>\(cache)</cachedir></fontconfig>
      """
    try Data(text.utf8).write(to: folder.appendingPathComponent("fonts.conf"))
  }

  private func run(_ command: String, in folder: URL) throws -> CommandResult {
    try shell("export FONTCONFIG_FILE=$PWD/fonts.conf; \(command) --model \(tinyModel)", in: folder)
  }

  @Test func withoutFontsNothingIsLabelled() throws {
    try TestData.withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("none"), withIntermediateDirectories: false)
      try configuration(folder.appendingPathComponent("none").path, cache: "\(folder.path)/cache", in: folder)
      let source = "synthetic:size=320x240,rate=25,frames=5"
      for command in ["annotate \(source) out.mp4", "explain \(source) -o out.png"] {
        let result = try run("fovea \(command)", in: folder)
        expectRefusal(result, status: 1, saying: ["there is no font to write labels with", "fonts-dejavu-core"])
      }
      let plain = try run("fovea annotate \(source) out.mp4 --top 0 --saliency grad-cam", in: folder)
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(try frames(folder.appendingPathComponent("out.mp4"), "pts").count == 5)
    }
  }

  /// Each error of Fontconfig comes once for the program, not once for each line of text.
  @Test(arguments: ["/proc/no-cache", "broken"]) func errorsDoNotRepeat(kind: String) throws {
    try TestData.withTemporaryFolder { folder in
      try configuration("/usr/share/fonts", cache: kind, in: folder)
      if kind == "broken" {
        try Data("<fontconfig><dir>".utf8).write(to: folder.appendingPathComponent("fonts.conf"))
      }
      let result = try run("fovea annotate synthetic:size=320x240,rate=25,frames=50 out.mp4 --status", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.errors.split(separator: "\n").filter { $0.contains("Fontconfig") }
      // Fontconfig has one for each folder of fonts, of which a machine may have dozens; the clip has 50 frames with many lines of text.
      #expect(lines.count <= 60, "\(result.errors)")
    }
  }

  @Test func lettersThatNoFontHasAreSaidOnce() throws {
    try TestData.withTemporaryFolder { folder in
      let fonts = "/usr/share/fonts/truetype/dejavu"
      guard FileManager.default.fileExists(atPath: fonts) else { return }
      try configuration(fonts, cache: "\(folder.path)/cache", in: folder)
      let labels = (0..<10).map { "'虎斑貓\($0)'" }.joined(separator: ", ")
      try Data("labels = [\(labels)]".utf8).write(to: folder.appendingPathComponent("model.toml"))
      let result = try run(
        "fovea annotate synthetic:size=320x240,rate=25,frames=5 out.mp4 --sidecar model.toml", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.errors.split(separator: "\n").filter { $0.contains("no font has all letters of '虎斑貓") }
      #expect(lines.count == 1, "\(result.errors)")
    }
  }
}
