/// Gradients at the picture with normal noise added, whose standard deviation is a share of the picture's range.
final class NoisyGradients {
  /// The sums of the gradients and of their squares.
  let sum: FloatBuffer
  let squares: FloatBuffer
  let samples: Int
  private let share: Float
  private let seed: Int
  private let request: Int
  /// All samples' noise of variance 1, where that is not too much: every picture gets the same.
  private let noise: FloatBuffer?
  private static let mostNoise = 1 << 25

  init(_ setup: MethodSetup) throws {
    let extent = setup.network.inputExtent
    (samples, share, seed) = (setup.options.samples, setup.options.noise, setup.options.seed)
    let count = extent.channels * extent.height * extent.width
    (sum, squares) = (FloatBuffer(count), FloatBuffer(count))
    noise = count * samples <= Self.mostNoise ? FloatBuffer(count * samples) : nil
    if let noise {
      var numbers = NormalNumbers(seed: seed)
      for i in noise.values.indices { noise[i] = Float(numbers.normal()) }
    }
    request = try setup.gradient(withRespectTo: [setup.network.input])
  }

  /// Takes the samples.
  func collect(_ run: NetworkRun) throws {
    sum.values.update(repeating: 0)
    squares.values.update(repeating: 0)
    var numbers = NormalNumbers(seed: seed)
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in run.picture.values { (low, high) = (min(low, value), max(high, value)) }
    let deviation = share * (high - low)
    for sample in 0..<samples {
      if let noise {
        let start = noise.start + sample * run.input.count
        for i in 0..<run.input.count { run.input[i] = run.picture[i] + deviation * start[i] }
      } else {
        for i in 0..<run.input.count { run.input[i] = run.picture[i] + deviation * Float(numbers.normal()) }
      }
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
