import Foundation
import Models
import Telemetry
import TestSupport
import Testing

@Suite struct InspectionTests {
  private func inspect(_ name: String, sidecar: String? = nil) throws -> Inspection {
    let path = TestData.root.appendingPathComponent("Tests/Models/Small/\(name).onnx").path
    return Inspection(try Model.load(path: path, sidecar: sidecar))
  }

  @Test func theTableShowsEveryLayerAndSetting() throws {
    let lines = try inspect("softmax").table().split(separator: "\n").map(String.init)
    #expect(lines[0] == "softmax")
    #expect(lines[1].hasSuffix("softmax.onnx: ONNX operator set 13"))
    #expect(lines[2] == "takes   picture: float32 1x3x32x40")
    #expect(lines[3] == "answers same: float32 1x5")
    // The name of a node without one is the importer's; columns are as wide as their widest cell.
    #expect(
      lines[4] == "#  layer                operator           output   parameters  mult-adds   sees  every  from  value"
    )
    #expect(
      lines[5]
        == "0  GlobalAveragePool_0  GlobalAveragePool  1x3x1x1                         32x40               average")
    #expect(
      lines[7] == "2  Gemm_2               Gemm               1x5              15         15  32x40               mixed"
    )
    #expect(lines[10].hasPrefix("5 layers, 15 parameters, 15 multiply-adds"))
    #expect(
      lines.contains { $0.contains(/^  input\.size +\[32, 40\] +\(the network's shape\)$/) })
    #expect(lines.contains { $0.hasPrefix("  output.activation") && $0.contains("none") })
  }

  @Test func explanationsFollowTheirLayers() throws {
    let model = try inspect("softmax")
    let (plain, explained) = (model.table().split(separator: "\n"), model.table(explains: true).split(separator: "\n"))
    #expect(explained.count == plain.count + 5)
    #expect(explained[6].contains("all 32 x 40 positions become one"))
    #expect(explained.filter { !$0.hasPrefix("       ") } == plain)
  }

  @Test func jsonHoldsTheSame() throws {
    let json = try JSONText.data(inspect("described"))
    let root = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    #expect(
      root.keys.sorted() == ["inputs", "layers", "model", "outputs", "settings", "totals", "version", "warnings"])
    let layers = try #require(root["layers"] as? [[String: Any]])
    #expect(layers.map { $0["op"] as? String } == ["GlobalAveragePool", "Flatten", "Gemm"])
    #expect(layers[2]["multiply_adds"] as? Int == 15 && layers[2]["output_shape"] as? [Int] == [1, 5])
    let field = try #require(layers[0]["receptive_field"] as? [String: [Int]])
    #expect(field == ["size": [48, 64], "stride": [0, 0], "offset": [0, 0]])
    let settings = try #require(root["settings"] as? [[String: String]])
    #expect(settings.contains(["key": "input.mean", "value": "[0.5, 0.25, 0.125]", "origin": "ONNX metadata"]))
    let about = try #require(root["model"] as? [String: Any])
    #expect(about["classes"] as? Int == 5 && about["opset"] as? Int == 13)
    #expect((about["metadata"] as? [String: String])?["color"] == "BGR")
  }

  /// Published numbers: torchvision's documentation of SqueezeNet 1.1 (1,235,496 parameters, 0.35 GFLOPS counted as
  /// multiply-adds); Iandola's README gives 0.72 G floating-point operations for two per multiply-add.
  @Test(.enabled(if: TestData.hasShared)) func squeezenetHasItsPublishedCosts() throws {
    let path = TestData.file("models/squeezenet1.1.onnx").path
    let table = Inspection(try Model.load(path: path)).table()
    #expect(table.contains(" 1,235,496 parameters, 349 M multiply-adds"))
  }

  @Test func controlCharactersDoNotReachTheTerminal() throws {
    try TestData.withTemporaryFolder { folder in
      let sidecar = folder.appendingPathComponent("s.toml")
      try Data("name = \"a\\u001B[31mb\\nc\"".utf8).write(to: sidecar)
      let first = try inspect("plain", sidecar: sidecar.path).table().split(separator: "\n")[0]
      #expect(first == "a?[31mb?c")
    }
  }
}
