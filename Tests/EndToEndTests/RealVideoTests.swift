import Foundation
import TestSupport
import Testing

/// The main job on real clips and a real network.
@Suite(.enabled(if: TestData.hasShared)) struct RealVideoTests {
  private let squeezeNet = [
    "--model", TestData.file("models/squeezenet1.1.onnx").path, "--sidecar",
    TestData.root.appendingPathComponent("Tests/Models/squeezenet1.1.toml").path,
  ]

  private func annotate(_ clip: URL, _ out: URL, _ options: [String]) throws -> CommandResult {
    try fovea(
      ["annotate", clip.path, out.path] + squeezeNet + options,
      environment: ["FOVEA_TEST_DATA": TestData.file("").path])
  }

  @Test func aParkingLotKeepsFramesTimesAndSound() throws {
    try TestData.withTemporaryFolder { folder in
      let (clip, out) = (TestData.file("videos/car-detection.mp4"), folder.appendingPathComponent("out.mp4"))
      let every = TestData.isSlow ? 40 : 1
      let result = try annotate(clip, out, ["--layer", "2,20", "--every", "\(every)"])
      #expect(result.status == 0, "\(result.errors)")
      let analysed = (377 + every - 1) / every
      #expect(result.errors.contains("377 frames in, \(analysed) analysed, 377 written, 0 damaged packets"))
      #expect(try times(out).count == 377 && times(out) == times(clip))
      #expect(try audioHashes(out) == audioHashes(clip))
    }
  }

  @Test(arguments: [
    "SampleVideo_1280x720_1mb.mp4", "bear-vp9-odd-dimensions.webm", "carphone_pristine.mp4", "cockatoo_yuv420.mp4",
    "corrupted.mp4", "fate_frame_size_change.webm", "fate_interlaced_crop.mp4", "flipping_a_pancake.mkv",
    "h264_10bits.mp4", "newtonscradle.gif", "rot_90.mov",
  ]) func everyPlayableClipKeepsItsTimes(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (clip, out) = (TestData.file("videos/\(name)"), folder.appendingPathComponent("out.mp4"))
      let result = try annotate(clip, out, ["--every", TestData.isSlow ? "100" : "25", "--preset", "ultrafast"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(try !times(out).isEmpty && times(out) == times(clip))
      #expect(try audioHashes(out) == audioHashes(clip))
    }
  }

  @Test(arguments: [
    ("mp4parse_zero_empty_stsc.mp4", "no picture can be decoded"), ("sample_audio_only.mp4", "only sound"),
  ]) func everyOtherClipIsRefused(name: String, words: String) throws {
    try TestData.withTemporaryFolder { folder in
      let out = folder.appendingPathComponent("out.mp4")
      expectRefusal(try annotate(TestData.file("videos/\(name)"), out, []), status: 1, saying: [name, words])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func aBottleIsCalledABottle() throws {
    let result = try fovea(
      [
        "annotate", TestData.file("videos/bottle-detection.mp4").path, "--json", "-", "-q", "--every",
        TestData.isSlow ? "50" : "5",
        "--model",
        TestData.file("models/mobilenet_v2_1.0_224.onnx").path, "--sidecar",
        TestData.root.appendingPathComponent("Tests/Models/mobilenet_v2_1.0_224.toml").path,
      ], environment: ["FOVEA_TEST_DATA": TestData.file("").path])
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 1189)
    let bottles = try lines.count { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return ((object?["top"] as? [[String: Any]])?.first?["label"] as? String) == "water bottle"
    }
    #expect(Double(bottles) / Double(lines.count) > 0.75, "\(bottles) of \(lines.count)")
  }
}

/// The top class of fifty photographs.
@Suite(.enabled(if: TestData.hasShared)) struct PhotographTests {
  private static let models = [("squeezenet1.1", 2, 0), ("mobilenet_v2_1.0_224", 3, 1)]

  /// All fifty, or every fifth where tests are slow.
  private func photographs() throws -> [[Substring]] {
    let table = try String(contentsOf: TestData.file("images/expected_top1.tsv"), encoding: .utf8)
    let all = table.split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
    #expect(all.count == 50)
    return all.enumerated().filter { !TestData.isSlow || $0.offset % 5 == 0 }.map(\.element)
  }

  private func top(_ photograph: Substring, _ model: String, _ options: [String] = []) throws -> Int? {
    let result = try fovea(
      [
        "annotate", TestData.file("images/imagenet_sample/\(photograph)").path, "--json", "-", "-q", "--top", "1",
        "--model", TestData.file("models/\(model).onnx").path, "--sidecar",
        TestData.root.appendingPathComponent("Tests/Models/\(model).toml").path,
      ] + options, environment: ["FOVEA_TEST_DATA": TestData.file("").path])
    let object = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    return (object?["top"] as? [[String: Any]])?.first?["label_id"] as? Int
  }

  /// Column of expected_top1.tsv, and background classes before the first label. The inverse transforms of JPEG decoders
  /// differ by a grey level here and there, which may move one ambiguous photograph.
  @Test(arguments: models) func topClassesAreThoseOfOnnxruntime(model: String, column: Int, offset: Int) throws {
    let rows = try photographs()
    let same = try rows.count { row in try top(row[0], model).map { Int(row[column]) == $0 - offset } ?? false }
    #expect(same >= rows.count - 1, "\(same) of \(rows.count)")
  }

  /// 98 % of them must keep their class when the network multiplies bfloat16.
  @Test(.enabled(if: hasBfloat16), arguments: models.map(\.0)) func bfloat16KeepsTheClass(model: String) throws {
    let rows = try photographs()
    let same = try rows.count { row in
      let (exact, rounded) = (try top(row[0], model), try top(row[0], model, ["--precision", "bf16"]))
      return exact != nil && exact == rounded
    }
    #expect(same >= rows.count - 1, "\(same) of \(rows.count)")
  }
}
