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

  @Test func aModelThatIsNoneIsRefused() throws {
    expectRefusal(try fovea(["inspect", "/dev/null"]), status: 1, saying: ["/dev/null"])
    expectRefusal(try fovea(["inspect", tinyModel, "--sidecar", "nowhere.toml"]), status: 78, saying: ["nowhere.toml"])
  }
}
