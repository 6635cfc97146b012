import Tensors

/// The same elements under another shape. In the shape input, -1 stands for the extent that is left, and 0 for the input's
/// extent at that place, or with `allowZero` for 0. ONNX Reshape.
package struct Reshape: Reinterpretation {
  /// True: an extent of 0 means 0.
  package var allowZero: Bool

  package init(allowZero: Bool = false) { self.allowZero = allowZero }

  /// The input's type under the new shape.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "data").type
    guard let wanted = try inputs.integers(1, "shape") else { throw OperatorError("input shape is missing") }
    guard wanted.count <= OperatorLimits.rank else {
      throw OperatorError("a shape of \(wanted.count) axes; at most \(OperatorLimits.rank) are supported")
    }
    return [TensorType(data.element, try resolve(wanted, data.shape))]
  }

  private func resolve(_ wanted: [Int], _ shape: Shape) throws -> Shape {
    var extents = wanted
    for axis in extents.indices where extents[axis] == 0 && !allowZero {
      guard axis < shape.rank else {
        throw OperatorError("shape \(wanted) copies axis \(axis) of a tensor of \(shape.rank) axes")
      }
      extents[axis] = shape[axis]
    }
    guard extents.allSatisfy({ $0 >= -1 }), extents.filter({ $0 == -1 }).count <= 1 else {
      throw OperatorError("shape \(wanted) is not a shape")
    }
    if let free = extents.firstIndex(of: -1) {
      extents[free] = 1
      let known = try checkedShape(extents).count
      guard known > 0 && shape.count % known == 0 else {
        throw OperatorError("\(shape.count) elements of \(shape) do not fit shape \(wanted)")
      }
      extents[free] = shape.count / known
    }
    let result = try checkedShape(extents)
    guard result.count == shape.count else {
      throw OperatorError("\(shape.count) elements of \(shape) do not fit shape \(wanted)")
    }
    return result
  }
}

/// A matrix: the axes before `axis` become rows, the others columns. ONNX Flatten.
package struct Flatten: Reinterpretation {
  package var isChannelwise: Bool { true }
  /// The first axis of the columns, from -rank to rank.
  package var axis: Int

  package init(axis: Int = 1) { self.axis = axis }

  /// The input's type, [rows, columns].
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 1)
    let input = try inputs.required(0, "input").type
    let rank = input.shape.rank
    guard axis >= -rank && axis <= rank else {
      throw OperatorError("axis \(axis) does not exist in a tensor of \(rank) axes")
    }
    let cut = axis < 0 ? axis + rank : axis
    let rows = input.shape.dimensions[..<cut].reduce(1, *)
    let columns = input.shape.dimensions[cut...].reduce(1, *)
    return [TensorType(input.element, Shape([rows, columns]))]
  }
}

/// The same elements without axes of extent 1: those of the axes input, or all of them. ONNX Squeeze.
package struct Squeeze: Reinterpretation {
  package var isChannelwise: Bool { true }
  /// The axes when the model gives them as an attribute (before opset 13).
  package var axes: [Int]?

  /// A squeeze; `axes` nil: the second input says which, and without it all of extent 1.
  package init(axes: [Int]? = nil) { self.axes = axes }

  /// The input's type with fewer axes.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "data").type
    var extents = data.shape.dimensions
    guard let given = try axes ?? inputs.integers(1, "axes") else {
      return [TensorType(data.element, Shape(extents.filter { $0 != 1 }))]
    }
    for axis in try normalizedAxes(given, rank: data.shape.rank).sorted(by: >) {
      guard extents[axis] == 1 else {
        throw OperatorError("axis \(axis) of \(data.shape) has extent \(extents[axis]), not 1")
      }
      extents.remove(at: axis)
    }
    return [TensorType(data.element, Shape(extents))]
  }
}

/// The same elements with new axes of extent 1 at these places of the output. ONNX Unsqueeze.
package struct Unsqueeze: Reinterpretation {
  /// The axes when the model gives them as an attribute (before opset 13).
  package var axes: [Int]?

  /// An unsqueeze; `axes` nil: the second input says which.
  package init(axes: [Int]? = nil) { self.axes = axes }

  /// The input's type with more axes.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    let data = try inputs.required(0, "data").type
    guard let given = try axes ?? inputs.integers(1, "axes") else { throw OperatorError("axes are missing") }
    guard given.count <= OperatorLimits.rank else { throw OperatorError("\(given.count) axes are too many") }
    var extents = data.shape.dimensions
    for axis in try normalizedAxes(given, rank: extents.count + given.count).sorted() {
      extents.insert(1, at: axis)
    }
    return [TensorType(data.element, try checkedShape(extents))]
  }
}
