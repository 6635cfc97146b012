import Inference
import Tensors

extension ImporterTable {
  /// Operators that move elements, or answer questions about shapes.
  static let shapes: [String: ImporterEntry] = [
    "Identity": entry(1...1) { _ in Identity() },
    "Dropout": entry(1...3, dropout),
    "Reshape": entry(2...2) { Reshape(allowZero: try $0.flag("allowzero")) },
    "Flatten": entry(1...1) { Flatten(axis: try $0.int("axis", default: 1)) },
    "Squeeze": entry(1...2) { Squeeze(axes: try $0.ints("axes")) },
    "Unsqueeze": entry(1...2) { Unsqueeze(axes: try $0.ints("axes")) },
    "Transpose": entry(1...1) { Transpose(permutation: try $0.ints("perm")) },
    "Concat": entry(1...Int.max) { Concat(axis: try required($0.int("axis"), "axis")) },
    "Split": entry(1...2, outputs: Int.max, split),
    "Slice": entry(1...5, slice),
    "Pad": entry(1...4, pad),
    "Expand": entry(2...2) { _ in Expand() },
    "Tile": entry(2...2) { _ in Tile() },
    "Gather": entry(2...2) { Gather(axis: try $0.int("axis", default: 0)) },
    "GatherElements": entry(2...2) { GatherElements(axis: try $0.int("axis", default: 0)) },
    "GatherND": entry(2...2) { GatherND(batchDimensions: try $0.int("batch_dims", default: 0)) },
    "Shape": entry(1...1) { ShapeOf(start: try $0.int("start", default: 0), end: try $0.int("end")) },
    "Size": entry(1...1) { _ in SizeOf() },
    "Cast": entry(1...1, cast),
    "CastLike": entry(2...2, castLike),
    "EyeLike": entry(1...1) { EyeLike(diagonal: try $0.int("k", default: 0), type: try $0.elementType("dtype")) },
    "ScatterND": entry(3...3, scatterND),
    "ConstantOfShape": entry(1...1) { context in
      ConstantOfShape(value: try context.tensor("value") ?? Tensor([Float(0)], [1]))
    },
    "Range": entry(3...3) { _ in RangeOperator() },
    "DepthToSpace": entry(1...1, depthToSpace),
    "SpaceToDepth": entry(1...1) { SpaceToDepth(blockSize: try required($0.int("blocksize"), "blocksize")) },
  ]

  /// Attributes for training are read, so that they are not reported as unknown, and dropped.
  private static func dropout(_ context: ImportContext) throws -> any Operator {
    _ = try context.float("ratio")
    _ = context.value("seed")
    return Dropout()
  }

  /// Opset 13 turned the extents from an attribute into an input; opset 18 added num_outputs.
  private static func split(_ context: ImportContext) throws -> any Operator {
    let axis = try context.int("axis", default: 0)
    let parts: Split.Parts
    if let extents = try context.ints("split") {
      parts = .extents(extents)
    } else if context.hasInput(1) {
      parts = .input
    } else {
      parts = .equal(try context.int("num_outputs") ?? context.outputCount)
    }
    return Split(axis: axis, parts: parts, outputCount: context.outputCount)
  }

  /// Opset 10 turned the box from attributes into inputs.
  private static func slice(_ context: ImportContext) throws -> any Operator {
    guard context.opset < 10 else {
      try context.expectInputs(3...5)
      return SliceOperator()
    }
    let starts = try required(context.ints("starts", saturating: true), "starts")
    let ends = try required(context.ints("ends", saturating: true), "ends")
    return SliceOperator(box: .init(starts: starts, ends: ends, axes: try context.ints("axes")))
  }

  /// Opset 11 turned pads and value from attributes into inputs.
  private static func pad(_ context: ImportContext) throws -> any Operator {
    let text = try context.string("mode", default: "constant")
    guard let mode = Pad.Mode(rawValue: text) else { throw OperatorError("has the unknown mode '\(text)'") }
    guard context.opset < 11 else {
      try context.expectInputs(2...4)
      return Pad(mode: mode)
    }
    return Pad(
      mode: mode, pads: try required(context.ints("pads"), "pads"), value: try context.float("value", default: 0))
  }

  private static func cast(_ context: ImportContext) throws -> any Operator {
    // How float8 overflows; no such type is supported.
    _ = try context.int("saturate")
    return Cast(to: try required(context.elementType("to"), "to"))
  }

  private static func castLike(_ context: ImportContext) throws -> any Operator {
    _ = try context.int("saturate")
    return CastLike()
  }

  private static func scatterND(_ context: ImportContext) throws -> any Operator {
    let text = try context.string("reduction", default: "none")
    guard let rule = ScatterND.Rule(rawValue: text) else { throw OperatorError("has the unknown reduction '\(text)'") }
    return ScatterND(rule: rule)
  }

  private static func depthToSpace(_ context: ImportContext) throws -> any Operator {
    let mode = try context.string("mode", default: "DCR")
    guard let order = DepthToSpace.Order(rawValue: mode) else { throw OperatorError("has the unknown mode '\(mode)'") }
    return DepthToSpace(blockSize: try required(context.int("blocksize"), "blocksize"), order: order)
  }
}
