/// Gradients at the picture with normal noise added, whose standard deviation is a share of the picture's range.
final class NoisyGradients {
  /// The sums of the gradients and of their squares.
  let sum: FloatBuffer
  let squares: FloatBuffer
  let samples: Int
  private let share: Float
  private let seed: Int, request: Int
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
      numbers.fill(noise.values)
    }
    request = try setup.gradient(withRespectTo: [setup.network.input])
  }

  func collect(_ run: NetworkRun) throws {
    sum.values.update(repeating: 0)
    squares.values.update(repeating: 0)
    var numbers = NormalNumbers(seed: seed)
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in run.picture.values { (low, high) = (min(low, value), max(high, value)) }
    let deviation = share * (high - low)
    let (input, picture, count) = (run.input, run.picture.start, run.input.count)
    for sample in 0..<samples {
      if let start = noise?.start {
        let own = start + sample * count
        for i in 0..<count { input[i] = picture[i] + deviation * own[i] }
      } else {
        for i in 0..<count { input[i] = picture[i] + deviation * Float(numbers.normal()) }
      }
      try run.forward()
      try run.backward(request)
      let (gradient, sum, squares) = (run.inputGradient(request).values, sum.start, squares.start)
      for i in 0..<count {
        sum[i] += gradient[i]
        squares[i] += gradient[i] * gradient[i]
      }
    }
  }
}
