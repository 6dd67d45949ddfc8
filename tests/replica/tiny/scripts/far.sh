#!/bin/bash
touch /home/far
