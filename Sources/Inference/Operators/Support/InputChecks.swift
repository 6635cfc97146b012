import Tensors

/// Limits that every operator checks, so that sizes cannot overflow.
enum OperatorLimits {
  static let rank = 8
  /// Elements of a tensor: 4 GiB of float32.
  static let elements = 1 << 30
}

extension [OperatorInput?] {
  /// The input at `index`, or an error that names it.
  func required(_ index: Int, _ name: String) throws -> OperatorInput {
    guard let input = try optional(index, name) else { throw OperatorError("input \(name) is missing") }
    return input
  }

  /// The input at `index`, nil when it is absent.
  func optional(_ index: Int, _ name: String) throws -> OperatorInput? {
    guard index < count, let input = self[index] else { return nil }
    guard input.type.shape.rank <= OperatorLimits.rank else {
      throw OperatorError(
        "input \(name) has \(input.type.shape.rank) axes; at most \(OperatorLimits.rank) are supported")
    }
    _ = try checkedShape(input.type.shape.dimensions)
    return input
  }

  /// Throws when there are more than `most` inputs.
  func refuseMore(than most: Int) throws {
    if count > most { throw OperatorError("has \(count) inputs; at most \(most) have a meaning") }
  }

  /// The whole numbers of a constant input: a scalar or one axis of int64 or int32; nil when the input is absent.
  func integers(_ index: Int, _ name: String) throws -> [Int]? {
    guard let input = try optional(index, name) else { return nil }
    guard input.type.shape.rank <= 1 else {
      throw OperatorError("input \(name) has shape \(input.type.shape); one axis is expected")
    }
    guard let constant = input.constant else {
      throw OperatorError("input \(name) depends on the network's input; only constant values are supported")
    }
    return try constant.integers(name)
  }
}

extension Tensor {
  /// The elements of an int64 or int32 tensor.
  func integers(_ name: String) throws -> [Int] {
    switch type {
    case .int64: return view.elements(as: Int64.self).map { Int($0) }
    case .int32: return view.elements(as: Int32.self).map { Int($0) }
    default: throw OperatorError("input \(name) is \(type); int64 is expected")
    }
  }
}

extension OperatorInput {
  /// Throws unless the element type is among `types`.
  func require(_ types: [ElementType], _ name: String) throws {
    guard types.contains(type.element) else {
      let names = types.map { "\($0)" }.joined(separator: ", ")
      throw OperatorError("input \(name) is \(type.element); supported: \(names)")
    }
  }
}

extension TensorView {
  /// Element `index` of an int64 or int32 view.
  func integer(_ index: Int) -> Int {
    type == .int32 ? Int(elements(as: Int32.self)[index]) : Int(elements(as: Int64.self)[index])
  }
}

/// `axis` counted from the front; a negative one counts from the end of `rank` axes.
func normalizedAxis(_ axis: Int, rank: Int) throws -> Int {
  guard axis >= -rank && axis < rank else {
    throw OperatorError("axis \(axis) does not exist in a tensor of \(rank) axes")
  }
  return axis < 0 ? axis + rank : axis
}

/// All of `axes` counted from the front, each at most once.
func normalizedAxes(_ axes: [Int], rank: Int) throws -> [Int] {
  let normalized = try axes.map { try normalizedAxis($0, rank: rank) }
  guard Set(normalized).count == normalized.count else { throw OperatorError("axes \(axes) name an axis twice") }
  return normalized
}

/// A shape of these extents, whose count and rank are within the limits.
func checkedShape(_ dimensions: [Int]) throws -> Shape {
  guard dimensions.count <= OperatorLimits.rank else {
    throw OperatorError("an output of \(dimensions.count) axes; at most \(OperatorLimits.rank) are supported")
  }
  var count = 1
  for extent in dimensions {
    guard extent >= 0 else { throw OperatorError("an output extent of \(extent)") }
    let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
    guard !overflow && product <= OperatorLimits.elements else {
      throw OperatorError("\(dimensions.map(String.init).joined(separator: "x")) elements are too many")
    }
    count = product
  }
  return Shape(dimensions)
}

/// The shape that NumPy's rules broadcast `shapes` to.
func broadcastShape(_ shapes: [Shape]) throws -> Shape {
  var dimensions = [Int](repeating: 1, count: shapes.map(\.rank).max() ?? 0)
  for shape in shapes {
    let missing = dimensions.count - shape.rank
    for (axis, extent) in shape.dimensions.enumerated() where extent != 1 {
      let present = dimensions[axis + missing]
      guard present == 1 || present == extent else {
        throw OperatorError("shapes \(shapes.map(\.description).joined(separator: " and ")) cannot be broadcast")
      }
      dimensions[axis + missing] = extent
    }
  }
  return try checkedShape(dimensions)
}
