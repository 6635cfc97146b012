import Tensors

/// Why a layer's output has its extents, with the layer's own numbers.
enum OutputFormula {
  /// A sentence such as `H: floor((224 + 1 + 1 - 3) / 2) + 1 = 112; W: the same`, or what the operator does with shapes.
  static func text(_ node: Node, in graph: Graph) -> String {
    let inputs = graph.inputShapes(of: node)
    guard let input = inputs.first, let output = (node.outputs.first ?? nil).flatMap({ graph.values[$0].type?.shape })
    else { return "" }
    let note = node.op.shapeNote(inputs, output)
    if let window = node.op.window(inputs) {
      guard input.rank == 4, output.rank == 4 else { return "" }
      return (note.map { $0 + "; " } ?? "") + sliding(window, input, output)
    }
    if let note { return note }
    if input == output { return "the extents stay" }
    return input.count == output.count ? "the same \(input.count) numbers as \(output)" : "\(input) becomes \(output)"
  }

  private static func sliding(_ window: Window, _ input: Shape, _ output: Shape) -> String {
    let pads = window.resolvedPads(input: Spatial(input[2], input[3]))
    let rows = extent(
      window, input[2], pads.top, pads.bottom, window.kernel.height, window.dilations.height, window.strides.height,
      output[2])
    let columns = extent(
      window, input[3], pads.left, pads.right, window.kernel.width, window.dilations.width, window.strides.width,
      output[3])
    return rows == columns ? "H and W: \(rows)" : "H: \(rows); W: \(columns)"
  }

  private static func extent(
    _ window: Window, _ input: Int, _ before: Int, _ after: Int, _ kernel: Int, _ dilation: Int, _ stride: Int,
    _ output: Int
  ) -> String {
    let pads = before + after == 0 ? "" : " + \(before) + \(after)"
    let span = dilation == 1 ? "\(kernel)" : "(\(dilation) * (\(kernel) - 1) + 1)"
    return "\(window.ceilMode ? "ceil" : "floor")((\(input)\(pads) - \(span)) / \(stride)) + 1 = \(output)"
  }
}
