import Inference
import Tensors

/// How long the gradients of a network's first score take.
struct GradientTiming: Encodable {
  /// The last value with rows and columns: where Grad-CAM looks.
  let layer: String?
  /// Median of the backward pass down to its gradient's sums over positions, and its share of a forward pass.
  let layerMs: Double?, layerShare: Double?
  /// Median of the backward pass down to the input, and its share of a forward pass.
  let inputMs: Double, inputShare: Double
  /// What methods that average gradients add to that.
  let sample: SampleTiming?

  /// Measures with the session, whose forward pass takes `forwardMs`.
  init(_ session: Session, _ graph: Graph, forwardMs: Double, runs: Int) throws {
    let scores = session.outputs[0].name
    layer = graph.lastPicture
    let requests =
      (layer.map { [GradientRequest(of: [scores], withRespectTo: [$0], sumsPositions: true)] } ?? [])
      + [GradientRequest(of: [scores], withRespectTo: [session.inputs[0].name])]
    try session.setTaps([], gradients: requests)
    let medians = try requests.indices.map { request in
      session.seed(request)[0].floats[0] = 1
      return try session.profile(runs: runs, gradient: request).microseconds * 1e-3
    }
    (layerMs, inputMs) = (layer == nil ? nil : medians[0], medians[medians.count - 1])
    (layerShare, inputShare) = (layerMs.map { $0 / forwardMs }, inputMs / forwardMs)
    sample = SampleTiming(session, graph)
  }
}

extension Graph {
  /// The name of the last value computed with more than one row or column, [N, C, H, W]; of a specialised graph.
  fileprivate var lastPicture: String? {
    nodes.reversed().lazy.compactMap { $0.outputs.first.flatMap { $0 } }.first { value in
      guard let type = self.values[value].type, type.element == .float32, type.shape.rank == 4 else { return false }
      return type.shape[2] > 1 || type.shape[3] > 1
    }.map { self.values[$0].name }
  }
}
