/// Gradients at the picture with normal noise added, whose standard deviation is a share of the picture's range.
final class NoisyGradients {
  /// The sums of the gradients and of their squares.
  let sum: FloatBuffer
  let squares: FloatBuffer
  let samples: Int
  private let share: Float
  private let seed: Int
  private let request: Int

  init(_ setup: MethodSetup) throws {
    let extent = setup.network.inputExtent
    (samples, share, seed) = (setup.options.samples, setup.options.noise, setup.options.seed)
    sum = FloatBuffer(extent.channels * extent.height * extent.width)
    squares = FloatBuffer(extent.channels * extent.height * extent.width)
    request = try setup.gradient(withRespectTo: [setup.network.input])
  }

  /// Takes the samples.
  func collect(_ run: NetworkRun) throws {
    sum.values.update(repeating: 0)
    squares.values.update(repeating: 0)
    var numbers = NormalNumbers(seed: seed)
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in run.picture.values { (low, high) = (min(low, value), max(high, value)) }
    let deviation = Double(share * (high - low))
    for _ in 0..<samples {
      for i in 0..<run.input.count { run.input[i] = run.picture[i] + Float(deviation * numbers.normal()) }
      try run.forward()
      try run.backward(request)
      let gradient = run.inputGradient(request).values
      for i in 0..<run.input.count {
        sum[i] += gradient[i]
        squares[i] += gradient[i] * gradient[i]
      }
    }
  }
}
