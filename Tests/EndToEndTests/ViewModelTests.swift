import Foundation
import TestSupport
import Testing

/// Changing the network of `fovea view` over HTTP.
@Suite struct ViewModelTests {
  /// A sidecar with other labels than the model's own, which are colours.
  private func writeSidecar(in folder: URL) throws -> String {
    let file = folder.appendingPathComponent("other.toml")
    let text = """
      name = "First"
      labels = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
      [input]
      size = [64, 64]
      """
    try Data(text.utf8).write(to: file)
    return file.path
  }

  private func classes(_ view: ViewProcess) -> [String] { view.json("/v1/model")["classes"] as? [String] ?? [] }

  /// The label of the best class, of a frame that the network sees now.
  private func best(_ view: ViewProcess) -> String? {
    _ = view.get("/snapshot.jpg")
    return (view.json("/v1/top")["top"] as? [[String: Any]])?.first?["label"] as? String
  }

  @Test func theFirstModelComesBackAsItWas() throws {
    try TestData.withTemporaryFolder { folder in
      let other = folder.appendingPathComponent("other-model.onnx")
      let tiny = URL(fileURLWithPath: tinyModel)
      try FileManager.default.copyItem(at: tiny, to: other)
      let sidecar = tiny.deletingPathExtension().appendingPathExtension("toml")
      try FileManager.default.copyItem(at: sidecar, to: folder.appendingPathComponent("other-model.toml"))
      let view = try ViewProcess([
        "synthetic:size=160x120,rate=30", "--model", tinyModel, "--sidecar", writeSidecar(in: folder), "--fit",
        "squash",
        "--allow-model", other.path,
      ])
      let names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
      #expect(classes(view) == names)
      #expect(names.contains(try #require(best(view))))
      let crop = view.json("/v1/model")["crop"] as? [String: Int]
      #expect(crop?["width"] == 160, "squashed, the network sees all of the picture: \(crop ?? [:])")

      #expect(view.control(#"{"model": "other-model"}"#).status == 200)
      #expect(classes(view).first == "amber")
      #expect(view.json("/v1/model")["chosen_model"] as? String == "other-model")
      #expect(!names.contains(try #require(best(view))))
      #expect((view.json("/v1/model")["crop"] as? [String: Int])?["width"] == 120)

      #expect(view.control(#"{"model": "tiny"}"#).status == 200)
      #expect(classes(view) == names)
      #expect(names.contains(try #require(best(view))))
      #expect(view.json("/v1/model")["crop"] as? [String: Int] == crop)
      #expect(view.json("/v1/model")["name"] as? String == "First")
      #expect(view.json("/v1/model")["chosen_model"] as? String == "tiny")
      #expect(view.stop() == 0)
    }
  }

  @Test func otherModelsAreRefusedWithASentence() throws {
    let view = try ViewProcess([testPattern, "--loop", "--model", tinyModel, "--allow-camera", "synthetic:size=64x48"])
    for (body, words) in [
      (#"{"model": "tinny"}"#, "did you mean 'tiny'"), (#"{"model": "/etc/passwd"}"#, "there is no model"),
      (#"{"camera": "/dev/video7"}"#, "there is no camera"), (#"{"camera": ""}"#, "there is no camera"),
      (#"{"record": true}"#, "--record-to"), ("{", "no JSON object"),
    ] {
      let (status, json) = view.control(body)
      #expect(status == 400, "\(body)")
      let sentence = json["error"] as? String ?? ""
      #expect(sentence.contains(words) && sentence.hasSuffix(".") || sentence.hasSuffix("?"), "\(body): \(sentence)")
    }
    #expect(view.json("/v1/model")["name"] as? String == "Tiny")
    #expect(view.json("/v1/state")["source"] as? String == testPattern)
    #expect(view.stop() == 0)
  }
}
