import Tensors

/// Sums of products over letters that the output does not name. ONNX Einsum.
///
/// Inputs: any number of float32. Output: one axis for each letter of the equation's right side. Products of two inputs are rewritten to
/// MatMul before they run (`multiplyByMatrices`).
package struct Einsum: Operator {
  package var equation: EinsumEquation

  package init(equation: EinsumEquation) { self.equation = equation }

  package var kind: LayerKind { .linear }
  package var positionSource: PositionSource { .all }
  package func learns(_ input: Int, _ shape: Shape) -> Bool { true }

  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    (try? extents(inputs))?.values.reduce(1) { saturating($0, times: $1) } ?? 0
  }

  /// More steps than any network's product has.
  private static let mostSteps = 1 << 36

  /// The extent of each letter. Throws `OperatorError` where inputs disagree.
  func extents(_ shapes: [Shape]) throws -> [Character: Int] {
    let (terms, _) = try equation.resolved(shapes.map(\.rank))
    var extents: [Character: Int] = [:]
    for (term, shape) in zip(terms, shapes) {
      for (letter, extent) in zip(term, shape.dimensions) {
        let known = extents[letter] ?? 1
        guard known == extent || known == 1 || extent == 1 else {
          throw OperatorError("has inputs in which '\(letter)' is \(known) and \(extent)")
        }
        extents[letter] = known == 1 ? extent : known
      }
    }
    let steps = extents.values.reduce(1) { saturating($0, times: $1) }
    guard steps <= Self.mostSteps else { throw OperatorError("has \(steps) products to sum, which are too many") }
    return extents
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let given = try inputs.indices.map { try inputs.required($0, "\($0)") }
    guard !given.isEmpty else { throw OperatorError("has no input") }
    for (index, input) in given.enumerated() { try input.require([.float32], "\(index)") }
    let shapes = given.map(\.type.shape)
    let (extents, output) = (try extents(shapes), try equation.resolved(shapes.map(\.rank)).output)
    return [TensorType(.float32, try checkedShape(output.map { extents[$0] ?? 1 }))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let views = inputs.compactMap { $0 }
    guard let extents = try? extents(views.map(\.shape)),
      let (terms, output) = try? equation.resolved(views.map(\.shape.rank)),
      outputs[0].shape.count > 0
    else { return }
    let summed = Set(terms.flatMap { $0 }).subtracting(output).sorted()
    let letters = output + summed
    let counts = letters.map { extents[$0] ?? 1 }
    let steps = zip(terms, views).map { term, view in Self.steps(of: letters, term, view.shape) }
    let (values, y) = (views.map(\.reals), outputs[0].reals)
    let inner = counts[output.count...].reduce(1, *)
    var (position, places) = ([Int](repeating: 0, count: letters.count), [Int](repeating: 0, count: views.count))
    for place in y.indices {
      var sum = 0.0
      for _ in 0..<inner {
        var product = 1.0
        for input in values.indices { product *= values[input][places[input]] }
        sum += product
        Self.advance(&position, &places, counts, steps)
      }
      y[place] = inner == 0 ? 0 : sum
      // Nothing to sum: the position stays behind the output.
    }
  }

  /// By how many elements an input goes on with each letter; a letter that it has twice runs along its diagonal.
  private static func steps(of letters: [Character], _ term: [Character], _ shape: Shape) -> [Int] {
    let strides = AxisList(stridesOf: shape)
    return letters.map { letter in
      term.indices.reduce(0) { $0 + (term[$1] == letter && shape[$1] != 1 ? strides[$1] : 0) }
    }
  }

  private static func advance(_ position: inout [Int], _ places: inout [Int], _ counts: [Int], _ steps: [[Int]]) {
    for axis in counts.indices.reversed() {
      position[axis] += 1
      let isLast = position[axis] == counts[axis]
      for input in places.indices { places[input] += steps[input][axis] * (isLast ? 1 - counts[axis] : 1) }
      if !isLast { return }
      position[axis] = 0
    }
  }
}

extension Einsum: Differentiable {
  /// The gradient of one factor is the product of the output's gradient with the others, summed to that factor's letters.
  func addGradients(_ scope: inout GradientScope) throws {
    let shapes = scope.node.inputs.indices.map { scope.shape(scope.input($0)) }
    let (terms, output) = try equation.resolved(shapes.map(\.rank))
    let extents = try extents(shapes)
    for input in shapes.indices where scope.wants(input) {
      let term = terms[input]
      guard Set(term).count == term.count, zip(term, shapes[input].dimensions).allSatisfy({ extents[$0] == $1 }) else {
        throw InferenceError(scope.node, "there is no gradient through a diagonal or a broadcast axis of an Einsum")
      }
      let others = shapes.indices.filter { $0 != input }
      let known = Set(output + others.flatMap { terms[$0] })
      // A letter that only this factor has was summed: its gradient is the same all along it.
      let kept = term.filter(known.contains)
      let adjoint = Einsum(equation: EinsumEquation(inputs: [output] + others.map { terms[$0] }, output: kept))
      var gradient = try scope.add(adjoint, [scope.gradient()] + others.map { scope.input($0) })
      if kept.count < term.count {
        let extents = term.enumerated().map { known.contains($1) ? shapes[input][$0] : 1 }
        gradient = try scope.builder.expand(scope.builder.reshape(gradient, to: Shape(extents)), to: shapes[input])
      }
      try scope.give(gradient, to: input)
    }
  }
}
