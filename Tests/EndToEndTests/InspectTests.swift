import Foundation
import TestSupport
import Testing

@Suite struct InspectTests {
  @Test func theTableNamesEveryLayer() throws {
    let result = try fovea(["inspect", tinyModel])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    for word in ["conv1", "relu2", "Gemm", "1x16x32x32", "input.mean", "0.5"] {
      #expect(result.text.contains(word), "\(word) in \(result.text)")
    }
  }

  @Test func formulasAreExplained() throws {
    let result = try fovea(["inspect", tinyModel, "--explain"])
    #expect(result.text.contains("floor((64 + 1 + 1 - 3) / 2) + 1 = 32"), "\(result.text)")
  }

  @Test func theJSONHasTheSameNumbers() throws {
    let result = try fovea(["inspect", tinyModel, "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.count == 7)
    let totals = try #require(object["totals"] as? [String: Any])
    // 16 3x3 kernels over 3 channels, 32 over 16, 10 rows of 32.
    #expect(totals["parameters"] as? Int == 16 * 27 + 32 * 144 + 320)
    #expect(totals["multiply_adds"] as? Int == 16 * 27 * 1024 + 32 * 144 * 256 + 320)
  }

  @Test func thePlanNamesEveryStep() throws {
    let result = try fovea(["inspect", tinyModel, "--plan", "--runs", "3", "--threads", "2"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(lines[0].contains("2 threads, peak "))
    for word in ["Conv+Relu", "3x3", "blocked", "GFLOP/s", "total "] {
      #expect(result.text.contains(word), "\(word) in \(result.text)")
    }
    #expect(lines.allSatisfy { $0.count <= 120 }, "\(result.text)")
  }

  @Test func theBackwardPassHasAPlanOfItsOwn() throws {
    let result = try fovea(["inspect", tinyModel, "--plan", "--gradient", "--runs", "2", "--threads", "1"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    for word in ["grad:conv1", "grad:conv2", "total "] {
      #expect(result.text.contains(word), "\(word) in \(result.text)")
    }
  }

  @Test func thePlanInJSONAddsUp() throws {
    let result = try fovea(["inspect", tinyModel, "--plan", "--runs", "3", "--threads", "1", "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let plan = try #require(object["plan"] as? [String: Any])
    #expect(plan["threads"] as? Int == 1)
    let steps = try #require(plan["steps"] as? [[String: Any]])
    let total = try #require(plan["total"] as? [String: Any])
    let multiplyAdds = steps.compactMap { $0["multiply_adds"] as? Int }
    #expect(multiplyAdds.count == steps.count && multiplyAdds.reduce(0, +) == 16 * 27 * 1024 + 32 * 144 * 256 + 320)
    #expect(total["multiply_adds"] as? Int == multiplyAdds.reduce(0, +))
    // The second convolution reads 16 maps of 32 x 32 and has 32 x 16 x 3 x 3 weights and 32 biases.
    let second = try #require(steps.first { $0["multiply_adds"] as? Int == 32 * 144 * 256 })
    #expect(second["input_bytes"] as? Int == 4 * 16 * 1024 && second["output_bytes"] as? Int == 4 * 32 * 256)
    let largest = try #require(steps.compactMap { $0["arena_bytes"] as? Int }.max())
    #expect(largest <= total["arena_bytes"] as? Int ?? 0 && largest >= 4 * (16 * 1024 + 32 * 256))
    for key in ["microseconds", "gflops", "share_of_peak"] { #expect(second[key] as? Double ?? 0 > 0, "\(key)") }
  }

  @Test func optionsOfThePlanNeedIt() throws {
    expectRefusal(try fovea(["inspect", tinyModel, "--threads", "2"]), status: 2, saying: ["--threads", "--plan"])
    expectRefusal(try fovea(["inspect", tinyModel, "--gradient"]), status: 2, saying: ["--gradient", "--plan"])
    expectRefusal(try fovea(["inspect", tinyModel, "--input", "12x"]), status: 2, saying: ["12x", "224x224"])
    expectRefusal(try fovea(["inspect", tinyModel, "--input", "32x64"]), status: 2, saying: ["64 x 64", "64 x 32"])
  }

  @Test func aFileThatIsNoModelIsRefused() throws {
    expectRefusal(try fovea(["inspect", "/dev/null"]), status: 1, saying: ["/dev/null"])
    expectRefusal(try fovea(["inspect", tinyModel, "--sidecar", "nowhere.toml"]), status: 78, saying: ["nowhere.toml"])
  }
}
