import Tensors

extension Session {
  /// The seed of a gradient: one row-major view for each of its `of`, zeros at first. The caller fills them between `run` and
  /// `runBackward`; they keep their numbers until `setTaps`.
  package func seed(_ request: Int) -> [TensorView] { gradients[request].seeds.map(\.view) }

  /// Computes a gradient from what the last `run` left and from its seed. May be called several times, with other seeds, in any order.
  package func runBackward(_ request: Int) throws {
    plan.runBackward(request, on: pool)
  }

  /// `Σ seed · of`, differentiated with respect to the value of this name: float32, row-major, of that value's shape (its sums
  /// over positions where the request says so); valid until the next run. Nil when the request does not name it.
  package func gradient(_ request: Int, _ name: String) -> TensorView? { gradients[request].results[name] }

  /// What `runBackward` does, in order.
  package func backwardSteps(_ request: Int) -> [StepDescription] {
    plan.steps[plan.segments.backward[request]].map(\.description)
  }

  /// The request with its names found. Throws `InferenceError` for a name that is not there or means whole numbers.
  static func task(for request: GradientRequest, in graph: Graph) throws -> GradientTask {
    func find(_ names: [String]) throws -> [ValueID] {
      try names.map { name in
        let value = try graph.value(wanted: name)
        guard graph.type(of: value).element == .float32 else {
          throw InferenceError(
            "value '\(graph.values[value].name)' is \(graph.type(of: value)); gradients are of float32 values")
        }
        return value
      }
    }
    return GradientTask(
      of: try find(request.of), withRespectTo: try find(request.withRespectTo), rule: request.rule,
      sumsPositions: request.sumsPositions)
  }
}

/// One gradient that a session is ready to compute.
struct SessionGradient {
  /// One for each of `of`.
  let seeds: [Tensor]
  /// By the name of each of `withRespectTo`.
  let results: [String: TensorView]
  /// Keeps the zeros of values that nothing depends on.
  private let zeros: [Tensor]

  init(_ request: GradientRequest, _ task: GradientTask, planned: PlannedGradient, _ graph: Graph) {
    var (results, zeros) = ([String: TensorView](), [Tensor]())
    for (index, name) in request.withRespectTo.enumerated() {
      if let view = planned.results[index] {
        results[name] = view
      } else {
        let zero = Tensor(.float32, task.gradientShape(graph.type(of: task.withRespectTo[index]).shape))
        zeros.append(zero)
        results[name] = zero.view
      }
    }
    (seeds, self.results, self.zeros) = (planned.seeds, results, zeros)
  }
}
