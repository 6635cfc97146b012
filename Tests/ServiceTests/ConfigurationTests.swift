@testable import Service
