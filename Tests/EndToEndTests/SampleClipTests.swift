import Foundation
import TestSupport
import Testing

/// What `Samples/Clip/scenes.json` says of the sample clips; the renderer writes it.
private struct SceneTable: Decodable {
  struct Scene: Decodable {
    let label: String
    let first: Int
    let last: Int
  }
  struct Clip: Decodable {
    let file: String
    let frames: Int
    let scenes: [Scene]
  }
  let clips: [Clip]

  static func clip(_ file: String) throws -> Clip {
    let data = try Data(contentsOf: samples.appendingPathComponent("Clip/scenes.json"))
    return try #require(JSONDecoder().decode(Self.self, from: data).clips.first { $0.file == file })
  }
}

private let samples = TestData.root.appendingPathComponent("Samples")

/// One line of the JSON output, as far as these tests look at it.
private struct Line: Decodable {
  struct Answer: Decodable { let label: String }
  let frame: Int
  let top: [Answer]
}

/// The best class of each frame.
private func best(_ json: Data) throws -> [Int: String] {
  let lines = try json.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
  return Dictionary(uniqueKeysWithValues: lines.compactMap { line in line.top.first.map { (line.frame, $0.label) } })
}

/// The share of a scene's frames whose best class is what the scene shows.
private func share(_ scene: SceneTable.Scene, of best: [Int: String]) -> Double {
  let answers = (scene.first...scene.last).compactMap { best[$0] }
  return answers.isEmpty ? 0 : Double(answers.count { $0 == scene.label }) / Double(answers.count)
}

/// The default model recognises what was rendered, though it has seen photographs only.
@Suite struct SampleClipTests {
  @Test func theDemoNamesWhatTheTinyClipShows() throws {
    try TestData.withTemporaryFolder { folder in
      let clip = samples.appendingPathComponent("fovea-sample-tiny.mp4")
      let script = TestData.root.appendingPathComponent("Scripts/demo.sh").path
      let result = try run(script, [foveaPath, clip.path, folder.path], in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let video = folder.appendingPathComponent("annotated.mp4")
      #expect(result.text.contains(video.path) && result.text.contains("ffplay"))

      let table = try SceneTable.clip("fovea-sample-tiny.mp4")
      let best = try best(Data(contentsOf: folder.appendingPathComponent("annotated.jsonl")))
      #expect(best.count == table.frames && table.scenes.count >= 2)
      for scene in table.scenes {
        #expect(share(scene, of: best) > 0.5, "\(scene.label): \(share(scene, of: best))")
      }
      #expect(try times(video).count == table.frames && times(video) == times(clip))
      #expect(try !audioHashes(clip).isEmpty && audioHashes(video) == audioHashes(clip))
      // The panel with the answers and the feature maps stands beside the picture.
      #expect(try #require(Int(stream(video, "width"))) > 320)
    }
  }

  @Test func mostScenesAreRecognised() throws {
    let table = try SceneTable.clip("fovea-sample.mp4")
    #expect(table.scenes.count >= 5 && Set(table.scenes.map(\.label)).count == table.scenes.count)
    let labels = try String(
      contentsOf: samples.appendingPathComponent("Model/fovea-default.labels.txt"), encoding: .utf8
    ).split(separator: "\n").map(String.init)
    let clip = samples.appendingPathComponent("fovea-sample.mp4").path
    let result = try fovea(["annotate", clip, "--json", "-", "-q", "--top", "1", "--every", "5"])
    try #require(result.status == 0, "\(result.errors)")
    let best = try best(result.output)
    #expect(best.count == table.frames)
    let shares = table.scenes.map { share($0, of: best) }
    #expect(table.scenes.allSatisfy { labels.contains($0.label) })
    #expect(shares.count { $0 > 0.5 } >= 4, "\(zip(table.scenes.map(\.label), shares).map { "\($0) \($1)" })")
  }

  @Test func theProgramIsInstalledWithModelAndClip() throws {
    try TestData.withTemporaryFolder { folder in
      let script = TestData.root.appendingPathComponent("Scripts/install.sh").path
      let build = URL(fileURLWithPath: foveaPath).deletingLastPathComponent().path
      let installed = try run(script, ["install", folder.path, build], in: TestData.root)
      try #require(installed.status == 0, "\(installed.errors)")
      let clip = folder.appendingPathComponent("share/fovea/fovea-sample.mp4").path
      let result = try run(
        folder.appendingPathComponent("bin/fovea").path,
        ["annotate", clip, "--json", "-", "-q", "--duration", "0.1"], in: folder, environment: ["FOVEA_MODEL": ""])
      #expect(result.status == 0 && result.text.contains("\"label\":\"orange\""), "\(result.errors)")
      let model = try run(folder.appendingPathComponent("bin/fovea").path, ["inspect"], in: folder)
      #expect(model.text.contains(folder.appendingPathComponent("share/fovea/fovea-default.onnx").path))
    }
  }
}
