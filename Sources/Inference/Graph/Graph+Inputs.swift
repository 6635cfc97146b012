import Tensors

extension Graph {
  /// The type of every input: declared extents, with the dynamic ones from `shapes`, and 1 for a batch that is not among them.
  func inputTypes(_ shapes: [String: Shape]) throws -> [TensorType] {
    let names = inputs.map { values[$0.value].name }
    for name in shapes.keys.sorted() where !names.contains(name) {
      throw InferenceError("the model has no input '\(name)'; its inputs are \(names.joined(separator: ", "))")
    }
    return try zip(inputs, names).map { input, name in
      TensorType(input.element, try Self.shape(of: input, name: name, given: shapes[name]))
    }
  }

  private static func shape(of input: DeclaredInput, name: String, given: Shape?) throws -> Shape {
    guard let extents = input.extents else {
      guard let given else {
        throw InferenceError("the model gives input '\(name)' no shape; name one, such as 1x3x224x224")
      }
      return given
    }
    if let given, given.rank != extents.count {
      throw InferenceError("input '\(name)' has \(extents.count) axes in the model, but \(given) was asked for")
    }
    return Shape(
      try extents.enumerated().map { axis, extent in
        try size(of: extent, axis: axis, rank: extents.count, name: name, given: given?[axis])
      })
  }

  private static func size(
    of extent: DeclaredExtent, axis: Int, rank: Int, name: String, given: Int?
  ) throws -> Int {
    switch extent {
    case .fixed(let size):
      guard size >= 0, given == nil || given == size else {
        throw InferenceError(
          "axis \(axis) of input '\(name)' is \(size) in the model and cannot be \(given ?? size)")
      }
      return size
    case .dynamic(let symbol):
      if let given { return given }
      if axis == 0 && rank != 1 { return 1 }
      let symbol = symbol.map { " ('\($0)')" } ?? ""
      throw InferenceError(
        "the model leaves axis \(axis)\(symbol) of input '\(name)' open; give the input's shape, such as 1x3x224x224")
    }
  }
}
