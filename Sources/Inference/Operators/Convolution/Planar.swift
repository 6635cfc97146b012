import Tensors

/// The extents of a picture-like tensor [N, C, H, W]; one-dimensional [N, C, W] has H = 1.
package struct Planar: Hashable, Sendable {
  package var batch: Int, channels: Int
  package var spatial: Spatial

  /// Reads [N, C, W] or [N, C, H, W]. Throws `OperatorError` for other ranks.
  package init(_ type: TensorType, of what: String) throws {
    guard type.element == .float32 else { throw OperatorError("needs \(what) of float32, not \(type.element)") }
    let shape = type.shape
    switch shape.rank {
    case 3: (batch, channels, spatial) = (shape[0], shape[1], Spatial(1, shape[2]))
    case 4: (batch, channels, spatial) = (shape[0], shape[1], Spatial(shape[2], shape[3]))
    case 5: throw OperatorError("works on volumes (\(shape)); only pictures are supported")
    default: throw OperatorError("needs \(what) of 3 or 4 axes, not \(shape)")
    }
  }

  /// Reads a shape that `init(_:of:)` has accepted.
  init(_ shape: Shape) {
    (batch, channels) = (shape[0], shape[1])
    spatial = shape.rank == 3 ? Spatial(1, shape[2]) : Spatial(shape[2], shape[3])
  }

  /// The shape with these channels and extents, with as many axes as `shape`.
  static func shape(like shape: Shape, channels: Int, _ spatial: Spatial) -> Shape {
    shape.rank == 3
      ? [shape[0], channels, spatial.width] : [shape[0], channels, spatial.height, spatial.width]
  }
}

/// The type of a required input. Throws `OperatorError` when it is absent.
func required(_ inputs: [OperatorInput?], _ index: Int, _ what: String) throws -> OperatorInput {
  guard inputs.indices.contains(index), let input = inputs[index] else { throw OperatorError("lacks its \(what)") }
  return input
}

/// An optional input; nil when it is absent.
func optional(_ inputs: [OperatorInput?], _ index: Int) -> OperatorInput? {
  inputs.indices.contains(index) ? inputs[index] : nil
}
