import Foundation
import Inference
import Tensors
import TestSupport
import Testing

@testable import ONNX

/// A whole network against onnxruntime, value by value; Scripts/test-reference.sh makes the folder and names it.
@Suite struct ReferenceNetworkTests {
  private static let folder = ProcessInfo.processInfo.environment["FOVEA_REFERENCE"].map { URL(fileURLWithPath: $0) }

  /// max |difference| / rms.
  private static let outputTolerance = 3e-5
  /// Values inside may be tiny sums of large terms.
  private static let valueTolerance = 1e-4

  @Test(.enabled(if: folder != nil))
  func everyValueEqualsThePeers() throws {
    let folder = try #require(Self.folder)
    let graph = try importModel(at: folder.appendingPathComponent("model.onnx")).graph
    let input = try Npy.read(folder.appendingPathComponent("input.npy").path)
    let outputs = Set(graph.outputs.map { graph.values[$0].name })
    let expected = try values(in: folder)
    let taps = expected.map(\.name).filter { !outputs.contains($0) }

    let session = try Session(graph: graph, inputShapes: ["x": input.shape])
    let tapped = try Session(graph: graph, inputShapes: ["x": input.shape], taps: taps)
    for session in [session, tapped] {
      session.inputs[0].view.pointer.copyMemory(from: input.view.pointer, byteCount: input.byteCount)
      try session.run()
    }
    var worst = (distance: 0.0, name: "")
    for (name, tensor) in expected where !outputs.contains(name) {
      let view = try #require(tapped.tap(name), "\(name) is not tapped")
      let distance = distance(view, from: tensor.view)
      #expect(distance <= Self.valueTolerance, "\(name)")
      if distance > worst.distance { worst = (distance, name) }
    }
    for (name, tensor) in expected where outputs.contains(name) {
      let plain = try #require(session.outputs.first { $0.name == name }?.view)
      let beside = try #require(tapped.outputs.first { $0.name == name }?.view)
      let distance = distance(plain, from: tensor.view)
      #expect(distance <= Self.outputTolerance, "\(name)")
      // Taps change no number.
      #expect(zip(plain.floats, beside.floats).allSatisfy { $0.bitPattern == $1.bitPattern }, "\(name)")
      print("reference: \(folder.lastPathComponent): output \(distance), worst of \(taps.count) values \(worst)")
    }
  }

  private func values(in folder: URL) throws -> [(name: String, tensor: Tensor)] {
    let table = try String(contentsOf: folder.appendingPathComponent("values.tsv"), encoding: .utf8)
    return try table.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      return (parts[1], try Npy.read(folder.appendingPathComponent("\(parts[0]).npy").path))
    }
  }
}
