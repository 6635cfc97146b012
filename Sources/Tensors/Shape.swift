/// The extents of a tensor, outermost first; `[]` is a scalar.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first. Never negative.
  package var dimensions: [Int]

  package init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative extent")
    self.dimensions = dimensions
  }

  package init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  package var rank: Int { dimensions.count }

  /// The number of elements: the product of the extents, 1 for a scalar.
  package var count: Int { dimensions.reduce(1, *) }

  /// Row-major strides in elements.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The extent of one axis; a negative axis counts from the end.
  package subscript(axis: Int) -> Int {
    get { dimensions[axis < 0 ? axis + rank : axis] }
    set { dimensions[axis < 0 ? axis + rank : axis] = newValue }
  }

  /// The extents joined by `x`, as in `1x64x56x56`; `scalar` without axes.
  package var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "x")
  }
}
