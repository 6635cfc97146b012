import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
  @Test func theTableHasALineForEachModel() throws {
    let result = try fovea(["bench", tinyModel, tinyModel, "--runs", "3", "--threads", "1"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 4, "\(result.text)")
    #expect(lines[0].hasSuffix(", 1 thread"))
    #expect(lines.dropFirst(2).allSatisfy { $0.contains("tiny.onnx") && $0.contains(" % ") && $0.hasSuffix("MB") })
  }

  @Test func theJSONHasEveryField() throws {
    let result = try fovea(["bench", tinyModel, "--runs", "5", "--threads", "2", "--isa", "scalar", "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    #expect(object["version"] as? Int == 1 && object["threads"] as? Int == 2 && object["isa"] as? String == "scalar")
    let model = try #require((object["models"] as? [[String: Any]])?.first)
    #expect(model["model"] as? String == tinyModel && model["runs"] as? Int == 5)
    #expect(model["input_shape"] as? [Int] == [1, 3, 64, 64])
    #expect(model["multiply_adds"] as? Int == 16 * 27 * 1024 + 32 * 144 * 256 + 320)
    let times = ["load_ms", "first_run_ms", "median_ms", "min_ms"].map { model[$0] as? Double ?? 0 }
    #expect(times.allSatisfy { $0 > 0 } && times[3] <= times[2])
    for key in ["gflops", "peak_gflops", "share_of_peak"] { #expect(model[key] as? Double ?? 0 > 0, "\(key)") }
    // The program alone is larger than a mebibyte.
    #expect(model["peak_memory_bytes"] as? Int ?? 0 > 1 << 20)
    #expect(model["arena_bytes"] as? Int ?? 0 >= 4 * (16 * 1024 + 32 * 256))
  }

  @Test func gradientsAreMeasuredWhenAskedFor() throws {
    let result = try fovea(["bench", tinyModel, "--runs", "2", "--gradient", "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let model = try #require((object["models"] as? [[String: Any]])?.first)
    let gradient = try #require(model["gradient"] as? [String: Any])
    #expect(gradient["layer"] is String)
    for key in ["layer_ms", "layer_share", "input_ms", "input_share"] {
      #expect(gradient[key] as? Double ?? 0 > 0, "\(key)")
    }
    let sample = try #require(gradient["sample"] as? [String: Any])
    for key in ["smoothgrad", "integrated_gradients"] { #expect(sample[key] as? Double ?? 0 > 0, "\(key)") }
    let table = try fovea(["bench", tinyModel, "--runs", "2", "--gradient"])
    #expect(table.status == 0 && table.text.contains("input ms"))
  }

  @Test func occlusionIsMeasuredWhenAskedFor() throws {
    let result = try fovea(["bench", tinyModel, "--runs", "2", "--occlusion", "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let model = try #require((object["models"] as? [[String: Any]])?.first)
    let occlusion = try #require(model["occlusion"] as? [String: Any])
    // (64 - 16) / 8 + 1 patches along each side.
    #expect(occlusion["patches"] as? Int == 49)
    for key in ["patch_ms", "whole_ms", "speedup", "multiply_adds_per_patch"] {
      #expect(occlusion[key] as? Double ?? 0 > 0, "\(key)")
    }
    #expect(occlusion["multiply_adds_whole"] as? Int == model["multiply_adds"] as? Int)
    let table = try fovea(["bench", tinyModel, "--runs", "2", "--occlusion"])
    #expect(table.status == 0 && table.text.contains("patch ms"))
  }

  @Test func algorithmsMayBeChosenByRule() throws {
    let result = try fovea(["bench", tinyModel, "--runs", "1", "--no-tune"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    expectRefusal(try fovea(["inspect", tinyModel, "--no-tune"]), status: 2, saying: ["--no-tune", "--plan"])
  }

  /// No command fails or prints anything because the cache cannot be used.
  @Test func aCacheThatCannotBeUsedIsNoError() throws {
    for folder in ["/dev/null", "/proc", "relative", ""] {
      let result = try fovea(["bench", tinyModel, "--runs", "1"], environment: ["XDG_CACHE_HOME": folder])
      #expect(result.status == 0 && result.errors.isEmpty, "\(folder): \(result.errors)")
    }
  }

  /// The environment names the kernels' instruction set, and the command line wins over it.
  @Test func theEnvironmentNamesTheInstructionSet() throws {
    for (variable, options, used) in [
      ("scalar", [], "scalar"), ("bogus", ["--isa", "scalar"], "scalar"), ("neon", ["--isa", "scalar"], "scalar"),
    ] {
      let result = try fovea(
        ["bench", tinyModel, "--runs", "1", "--json"] + options, environment: ["FOVEA_ISA": variable])
      #expect(result.status == 0 && result.text.contains("\"isa\" : \"\(used)\""), "\(result.text) \(result.errors)")
    }
    let refused = try fovea(["bench", tinyModel], environment: ["FOVEA_ISA": "bogus"])
    expectRefusal(refused, status: 1, saying: ["FOVEA_ISA is 'bogus'", "scalar"])
  }

  @Test func bfloat16IsRefusedWhereTheCPULacksIt() throws {
    let words = ["bench", tinyModel, "--runs", "1", "--precision", "bf16"]
    let refused = try fovea(words + ["--isa", "scalar"])
    expectRefusal(refused, status: 1, saying: ["precision bf16 needs"])
    if hasBfloat16 {
      let result = try fovea(words)
      #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
      let plan = try fovea(["inspect", tinyModel, "--plan", "--runs", "1", "--precision", "bf16"])
      #expect(plan.text.contains(" bf16") && plan.text.contains(" bf16 "), "\(plan.text)")
    } else {
      expectRefusal(try fovea(words), status: 1, saying: ["precision bf16 needs"])
    }
  }

  @Test func aModelIsNeeded() throws {
    expectRefusal(try fovea(["bench"]), status: 2, saying: ["MODEL is missing"])
    expectRefusal(try fovea(["bench", tinyModel, "nowhere.onnx"]), status: 1, saying: ["nowhere.onnx"])
  }
}
