import Foundation
import Tensors

/// ONNX Softmax: `exp(x) / Σ exp(x)`, and its logarithm, along one axis or over all axes from one on.
package struct Softmax: Operator {
  /// The axis; negative ones count from the end.
  package var axis: Int
  /// True for the semantics before opset 13: the sum goes over `axis` and all axes after it.
  package var coversTrailingAxes: Bool
  package var isLogarithmic: Bool

  package init(axis: Int = -1, coversTrailingAxes: Bool = false, isLogarithmic: Bool = false) {
    (self.axis, self.coversTrailingAxes, self.isLogarithmic) = (axis, coversTrailingAxes, isLogarithmic)
  }

  package var name: String { isLogarithmic ? "LogSoftmax" : "Softmax" }
  package var kind: LayerKind { .activation }
  package var scoreForm: ScoreForm? { isLogarithmic ? .logarithmsOfProbabilities : .probabilities }

  /// How many independent sums there are before and after the axis, and over how many elements each goes.
  package func extents(_ shape: Shape) -> (outer: Int, length: Int, inner: Int) {
    let axis = axis < 0 ? axis + shape.rank : axis
    let outer = shape.dimensions[..<axis].reduce(1, *)
    if coversTrailingAxes { return (outer, shape.dimensions[axis...].reduce(1, *), 1) }
    return (outer, shape[axis], shape.dimensions[(axis + 1)...].reduce(1, *))
  }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let type = try floatType(of: inputs)
    let rank = type.shape.rank
    guard (-rank..<rank).contains(axis) else {
      throw OperatorError("has axis \(axis) for an input of \(type.shape)")
    }
    return [type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    let (xs, ys) = (x.reals, outputs[0].reals)
    let (outer, length, inner) = extents(x.shape)
    for lane in 0..<outer * inner {
      let first = lane / inner * length * inner + lane % inner
      let places = stride(from: first, to: first + length * inner, by: inner)
      let largest = places.reduce(-Double.infinity) { max($0, xs[$1]) }
      let sum = places.reduce(0.0) { $0 + exp(xs[$1] - largest) }
      for place in places {
        let distance = xs[place] - largest
        ys[place] = isLogarithmic ? distance - log(sum) : exp(distance) / sum
      }
    }
  }
}
